"""`farebox import people`, `farebox import seats` and `farebox seat`: said first, done on a yes, told as it stands."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run

from farebox.records.models import Assignment, Entitlement, Mail, PeopleList, Person


def test_people_and_seats_are_imported_by_commands(run: Run, tmp_path: Path) -> None:
    """Without --yes nothing is done; with it, what was said, silently, and again nothing more."""
    run("product", "add", "ACD", "AutoCAD", "--offer", "all", "--since", "2016-01-01")
    run("team", "add", "design", "Design")
    people, seats = tmp_path / "people.csv", tmp_path / "seats.csv"
    people.write_bytes("Prénom;Nom;Courriel;Bureau\nZoé;Ek;zoe@example.com;3\nBo;;bo\n".encode("cp1252"))
    seats.write_text(
        "Email address,Product code,Kind,Start,End\nzoe@example.com,ACD,trial,,2999-12-31\nx@y,ACD,seat,,\n"
    )

    tried = run("import", "people", "design", str(people)).stdout.splitlines()
    assert (Person.objects.count(), PeopleList.objects.count()) == (0, 0)
    done = run("import", "people", "design", str(people), "--all", "--yes").stdout.splitlines()
    looked = run("import", "seats", "design", str(seats)).stdout.splitlines()
    given = run("import", "seats", "design", str(seats), "--yes").stdout.splitlines()

    assert tried == [
        "1 new, 1 refused",
        "  line 3: this is no e-mail address",
        "columns that were passed over: Bureau",
        "nobody is imported; add --yes to do it",
    ]
    assert done[-1] == "imported: 1"
    assert Assignment.objects.get().person.name == "Zoé Ek"
    assert looked[:3] == ["1 given", "0 held", "1 refused"]
    assert given[-1] == "given"
    assert not Mail.objects.exists()
    assert Entitlement.objects.get().kind == "TRIAL"


def test_a_seat_is_given_listed_and_ended(run: Run) -> None:
    """One is given from now on and ended by its person and product; a refusal says every problem."""
    run("product", "add", "ACD", "AutoCAD", "--offer", "all", "--since", "2016-01-01")
    run("team", "add", "design", "Design")
    run("person", "add", "design", "ann@example.com", "Ann Ek")
    words = ("design", "ann@example.com", "ACD")

    refused = run("seat", "give", *words, "--trial", "--first", "2020-01-01", code=1).stderr
    run("seat", "give", *words)
    listed = run("seat", "list", "design").stdout
    run("seat", "end", *words, "--last", "2999-12-31")
    later = run("seat", "list", "design").stdout
    run("seat", "end", *words)

    assert ("(past)" in refused, "(no_end)" in refused) == (True, True)
    assert listed.startswith("ann@example.com: seat of ACD from 20")
    assert " to 2999-12-31, held" in later
    assert run("seat", "list", "design").stdout == ""
    assert ", ended" in run("seat", "list", "design", "--ended").stdout
