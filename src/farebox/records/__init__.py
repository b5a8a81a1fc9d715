"""
The system of record: models by noun, migrations, and hand-written SQL for the hot paths.

The only code that touches the record database. It knows no rule: what is stored was decided elsewhere,
and the constraints here are the last guard against storing what cannot be true.
"""
