"""
Numbers from sequences on PostgreSQL: a writer waits for no other's commit to number its rows.

Batches keep their row in records_counter: who reads them in order must not see a later one before an earlier one.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SERIES = ("event", "use", "charge", "entry", "window", "hold", "holdpart", "livesession", "session", "denial")

FUNCTION = """
CREATE FUNCTION farebox_reserve(series text, many bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    numbers regclass := to_regclass(format('farebox_%s_numbers', series));
    first bigint;
BEGIN
    IF numbers IS NULL THEN
        INSERT INTO records_counter AS c (name, value) VALUES (series, many)
        ON CONFLICT (name) DO UPDATE SET value = c.value + EXCLUDED.value RETURNING value INTO first;
        RETURN first - many + 1;
    END IF;
    PERFORM pg_advisory_lock(7201, hashtext(series));
    BEGIN
        first := nextval(numbers);
        IF many > 1 THEN
            PERFORM setval(numbers, first + many - 1);
        END IF;
    EXCEPTION WHEN OTHERS OR QUERY_CANCELED THEN
        PERFORM pg_advisory_unlock(7201, hashtext(series));
        RAISE;
    END;
    PERFORM pg_advisory_unlock(7201, hashtext(series));
    RETURN first;
END $$
"""


def make_sequences(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make a sequence for each series that need not be in the order of commits."""
    if schema_editor.connection.vendor != "postgresql":
        return
    for series in SERIES:
        schema_editor.execute(f"CREATE SEQUENCE farebox_{series}_numbers")
    schema_editor.execute(FUNCTION, params=None)


class Migration(migrations.Migration):
    """Make the sequences and the function that takes numbers from them."""

    dependencies = [("records", "0007_over_consumed")]
    operations = [migrations.RunPython(make_sequences, migrations.RunPython.noop)]
