"""Every line of `verify` holds over busy books, and each breaks, alone, when what it proves is broken (quality X8)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.services import books
from tests.services.tampering import tampering
from tests.world import NOW, World, at, event, withdrawal

from farebox.domain.amounts import tokens
from farebox.records import audit, db, holds, outbox
from farebox.records.catalogue import snapshot
from farebox.records.models import (
    Act,
    Batch,
    Charge,
    Contract,
    Counter,
    Entry,
    Handover,
    Link,
    LiveSession,
    Pack,
    Person,
    Team,
    Use,
    User,
)
from farebox.records.models.ledger import ActKind
from farebox.records.verify import CHECKS
from farebox.services.expire import expire
from farebox.services.seal import seal
from farebox.services.verify import RULES, verify

HOUR_US = 3_600_000_000


def broken() -> list[str]:
    """Return the lines that are broken, as "L2 conservation"."""
    return [f"{line.rule} {line.name}" for line in verify() if not line.is_sound]


def offences(name: str) -> tuple[str, ...]:
    """Return what a line names."""
    return next(line.offences for line in verify() if f"{line.rule} {line.name}" == name)


def busy(world: World) -> World:
    """Fill the books: packs of several kinds, uses of two contracts, a lapse, a hold, corrections, and what waits."""
    world.give("20", until="2026-03-03 10:00")
    world.give("13", since="2026-03-03 00:00", until="2026-03-05 00:00")
    world.give("100")
    world.give("10", ent=True)
    world.send(
        event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-03 09:00"),
        event("b", "ben@example.com", "B", "2026-03-02 08:00", "2026-03-02 09:00"),
        event("c", "ben@example.com", "A", "2026-03-04 08:00", "2026-03-04 09:00"),
        event("z", "ben@example.com", "Z", "2026-03-04 08:00", "2026-03-04 08:03"),
        event("unknown", "ben@example.com", "none", "2026-03-04 08:00", "2026-03-04 09:00"),
        event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-03 09:00"),
    )
    for product in "AB":
        world.send(event(product, "ana@example.com", product, "2026-03-02 08:00", "2026-03-02 12:00"), ent=True)
    expire(now=at("2026-05-01 00:00"))
    hold(world)
    world.send(withdrawal("c", 1))
    world.send(event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00", revision=1))
    return world


def hold(world: World) -> None:
    """Reserve the rate of A for somebody."""
    contract = snapshot().contracts[world.flex_contract.pk]
    person = Person.objects.order_by("pk")[0].pk
    wanted = holds.Wanted(
        contract.id, person, world.products["A"].pk, "LAUNCH", 0, at("2026-05-02 08:00"), NOW, tokens("7")
    )
    reserve = holds.Reserve([contract], now=at("2026-05-02 08:00"))
    assert reserve.place(wanted)
    reserve.write()
    key = {"contract_id": contract.id, "person_id": person, "product_id": wanted.product}
    LiveSession.objects.create(pk=1, team=world.flex, **key, code="c", since_us=NOW, seen_us=NOW, check_us=NOW)


def plain(world: World) -> World:
    """Fill the books with one pack and two days of one person."""
    world.give("100")
    for day in (2, 5):
        world.send(event(f"e{day}", "ana@example.com", "A", f"2026-03-0{day} 08:00", f"2026-03-0{day} 09:00"))
    return world


def plain_once(world: World) -> World:
    """Fill the books with one pack and one use."""
    world.give("100")
    world.send(event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))
    return world


def two_packs(world: World) -> World:
    """Fill the books with two packs that live, and a use that the one which ends first paid for."""
    world.give("50", until="2026-09-01 00:00")
    return plain_once(world)


def short(world: World) -> World:
    """Fill the books with a use that no pack could pay, and a pack that ended before it."""
    world.give("100", until="2026-02-01 00:00")
    world.send(event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))
    return world


Misdeed = Callable[[], object]


def _swap_first_and_last() -> None:
    """Let the draw of a charge stand before the purchase that paid for it."""
    first, last = Entry.objects.order_by("number")[0], Entry.objects.order_by("-number")[0]
    one, two = (first.number, first.booked_us), (last.number, last.booked_us)
    for entry, (number, booked) in ((first, (0, 0)), (last, one), (first, two)):
        Entry.objects.filter(pk=entry.pk).update(number=number, booked_us=booked)


def _second_use() -> None:
    """Let an event stand for two uses, each charged and announced."""
    db.execute("DROP INDEX use_once")
    use = Use.objects.filter(ended_us=None).order_by("pk")[0]
    charge = Charge.objects.filter(ended_us=None).order_by("pk")[0]
    use.pk, charge.pk = 9_000, 9_000
    use.save(force_insert=True)
    charge.use_id, charge.since_us, charge.until_us = use.pk, use.since_us, use.until_us
    charge.category, charge.window_us = "FREE", None
    charge.tokens_micro = charge.shortfall_micro = charge.over_micro = 0
    charge.save(force_insert=True)
    Batch.objects.create(pk=9_000, charges_since=9_000, charges_until=9_001, ended="[]", booked_us=NOW)


def _of_another_team() -> None:
    """Let a purchase name what was done in another team."""
    entry = Entry.objects.filter(kind="PURCHASED").order_by("pk")[0]
    other = Contract.objects.exclude(team=entry.team_id)[0].team
    act = audit.act(ActKind.MOVE, audit.Change(other.pk, "move", "pack 1", {}), audit.COMMAND, at=NOW)
    Entry.objects.filter(pk=entry.pk).update(act_id=act)
    db.execute(
        "INSERT INTO records_auditwaiting (audit_id, chain) SELECT a.id, COALESCE(a.team_id, 0) FROM records_audit a "
        "WHERE NOT EXISTS (SELECT 1 FROM records_auditwaiting w WHERE w.audit_id = a.id)"
    )


def _without_the_last_row() -> None:
    """Let the log never have had its last row, as if the change had not written one."""
    last = db.rows("SELECT MAX(id) FROM records_audit")[0][0]
    db.execute("DELETE FROM records_auditwaiting WHERE audit_id = %s", (last,))
    db.execute("DELETE FROM records_audit WHERE id = %s", (last,))


def _handed_over_to_nobody() -> None:
    """Let a team have handed its primary role over, and have nobody who holds it."""
    team = Team.objects.order_by("pk")[0]
    giver, receiver = (User.objects.create(email=f"{name}@example.com") for name in ("ann", "bo"))
    Handover.objects.create(
        team=team, giver=giver, receiver=receiver, state="ACCEPTED", offered_us=NOW, until_us=NOW + 1
    )


def _nearer_windows() -> None:
    """Let the window of a charge begin an hour after another of the same person and product."""
    charges = Charge.objects.filter(category="CHARGED").order_by("window_us")
    first, last = charges[0].window_us, charges[1].window_us
    assert first is not None
    Charge.objects.filter(window_us=last).update(window_us=first + HOUR_US)
    db.execute("UPDATE records_window SET start_us = %s WHERE start_us = %s", (first + HOUR_US, last))


def _other_pool() -> None:
    """Let a purchase come from outside into another pool."""
    db.execute(
        "UPDATE records_entry SET source_id = (SELECT c.id FROM records_account c JOIN records_account f "
        "ON f.team_id = c.team_id AND f.kind = c.kind WHERE f.id = records_entry.source_id AND c.pool = 'CREDIT') "
        "WHERE kind = 'PURCHASED' AND number = 1"
    )


def _first_draw(**changes: object) -> None:
    Entry.objects.filter(pk=Entry.objects.filter(kind="DRAWN").order_by("pk")[0].pk).update(**changes)


def _last_charge_of_first_draw() -> None:
    _first_draw(charge=Charge.objects.order_by("-pk")[0].pk)


def _drop_trigger() -> None:
    """Let the database accept a change of the ledger."""
    from django.db import connection

    on = " ON records_entry" if connection.vendor == "postgresql" else ""
    db.execute(f"DROP TRIGGER records_entry_{'append_only' if on else 'no_delete'}{on}")


def _after_sealing(change: Misdeed) -> Misdeed:
    def tamper() -> None:
        seal(now=NOW)
        change()

    return tamper


def _sql(*statements: str) -> Misdeed:
    return lambda: [db.execute(statement) for statement in statements]


def _collected(statement: str) -> Misdeed:
    """Change batches after each got its position."""
    return lambda: [outbox.collect(), db.execute(statement)]


BREAKS: dict[str, tuple[str, Callable[[World], World], Misdeed]] = {
    "an entry that goes a way it may not": (
        "L1 transfers",
        busy,
        _sql("UPDATE records_entry SET kind = 'EXPIRED' WHERE kind = 'PURCHASED'"),
    ),
    "tokens of another pool": ("L2 conservation", busy, _other_pool),
    "a draw before the purchase": ("L3 no overdraft", plain_once, _swap_first_and_last),
    "a gap in the numbers": (
        "L10 order",
        busy,
        _sql("UPDATE records_entry SET number = number + 1000 WHERE number = (SELECT MAX(number) FROM records_entry)"),
    ),
    "a clock that stepped back": (
        "L10 order",
        plain,
        lambda: Entry.objects.filter(kind="DRAWN").update(booked_us=1),
    ),
    "a head that knows of more": ("L10 order", busy, _sql("UPDATE records_ledgerhead SET number = number + 1")),
    "a pack that should have paid first": (
        "L4 burn order",
        two_packs,
        lambda: Pack.objects.filter(size_micro=tokens("100")).update(until_us=at("2026-08-01 00:00")),
    ),
    "a draw outside its pack's life": ("L5 lifetimes", plain, lambda: _first_draw(at_us=at("2025-12-31 23:59"))),
    "a pack that says less": (
        "L8 packs",
        busy,
        _sql("UPDATE records_pack SET left_micro = left_micro - 1 WHERE size_micro = 100000000"),
    ),
    "a pack with more reserved": ("L8 packs", busy, _sql("UPDATE records_pack SET reserved_micro = 0")),
    "a pack that lapsed less": (
        "L8 packs",
        busy,
        _sql("UPDATE records_pack SET lapsed_micro = lapsed_micro - 1 WHERE lapsed_micro > 0"),
    ),
    "a hold of more than its parts": (
        "E2 holds",
        busy,
        _sql("UPDATE records_hold SET tokens_micro = tokens_micro + 1"),
    ),
    "a hold that outlived its session": ("E2 holds", busy, _sql("UPDATE records_livesession SET closed_us = seen_us")),
    "a hold that ended without release": ("E2 holds", busy, _sql("UPDATE records_hold SET ended_us = 1")),
    "a table that may be changed": ("L6 append-only", busy, _drop_trigger),
    "an entry for another charge": ("L7 charges", plain, _last_charge_of_first_draw),
    "an entry that names another team's act": ("L7 causes", busy, _of_another_team),
    "a price that is not the rate": (
        "L7 prices",
        short,
        _sql("UPDATE records_charge SET tokens_micro = tokens_micro + 1, shortfall_micro = shortfall_micro + 1"),
    ),
    "a shortfall beside a pack": ("F8 shortfalls", short, lambda: Pack.objects.update(until_us=NOW)),
    "a window that is gone": (
        "L8 windows",
        busy,
        _sql("DELETE FROM records_window WHERE id = (SELECT MAX(id) FROM records_window)"),
    ),
    "two windows at once": ("E4 one charge a window", plain, _nearer_windows),
    "consumption that no report counts": (
        "R2 reconciled",
        plain,
        lambda: Charge.objects.update(usage_category="MANUAL_ADJUSTMENT"),
    ),
    "an event that counts twice": ("I2 identities", busy, _second_use),
    "an event that counts and waits": (
        "I3 events",
        busy,
        _sql("UPDATE records_event SET state = 'QUARANTINED' WHERE state = 'ACCEPTED'"),
    ),
    "a use longer than its charges": (
        "I3 uses",
        busy,
        _sql("UPDATE records_use SET until_us = until_us + 1 WHERE ended_us IS NULL"),
    ),
    "a charge that was never announced": (
        "I3 batches",
        busy,
        _collected("DELETE FROM records_batch WHERE id = (SELECT MIN(id) FROM records_batch)"),
    ),
    "an end that was never announced": ("I3 batches", busy, _collected("UPDATE records_batch SET ended = '[]'")),
    "a count that does not add up": ("I4 intake", busy, _sql("UPDATE records_intake SET received = received + 1")),
    "an event that was dropped": (
        "I4 intake",
        busy,
        _sql("UPDATE records_intake SET received = received + 1, accepted = accepted + 1"),
    ),
    "a correction that nobody noted": (
        "T5 audit",
        busy,
        _without_the_last_row,
    ),
    "an act that nobody noted": (
        "T5 audit",
        busy,
        lambda: Act.objects.create(team=Team.objects.all()[0], kind="MOVE", actor="command", booked_us=NOW),
    ),
    "a primary administrator who is gone": ("T4 one primary", busy, _handed_over_to_nobody),
    "a row of the log that was put in unseen": (
        "T5 audit chain",
        busy,
        _sql("DELETE FROM records_auditwaiting WHERE audit_id = (SELECT MAX(audit_id) FROM records_auditwaiting)"),
    ),
    "an entry that was changed": (
        "L9 chain",
        busy,
        _after_sealing(lambda: Entry.objects.filter(kind="PURCHASED").update(at_us=1)),
    ),
    "a link that was taken away": ("L9 chain", busy, _after_sealing(lambda: Link.objects.all()._raw_delete("default"))),
}


@pytest.mark.parametrize("fill", [busy, plain, plain_once, two_packs, short])
def test_honest_books_are_sound(world: World, fill: Callable[[World], World]) -> None:
    """Whatever the services did, every line holds, sealed or not."""
    fill(world)

    unsealed = broken()
    seal(now=NOW)

    assert unsealed == broken() == []
    assert books.faults() == []


def test_empty_books_are_sound(db: None) -> None:
    """An installation without a team has nothing to break."""
    assert broken() == []


@pytest.mark.parametrize("misdeed", BREAKS)
def test_a_break_is_seen_by_its_own_line(world: World, misdeed: str) -> None:
    """Each thing that must not be is told by the line that proves it, and by no other."""
    line, fill, tamper = BREAKS[misdeed]
    fill(world)

    if line == "L6 append-only":
        tamper()
    else:
        with tampering():
            tamper()

    assert broken() == [line]
    assert offences(line)


def test_every_line_was_seen_to_break() -> None:
    """No line is there that no test has broken."""
    assert {line for line, _, _ in BREAKS.values()} == set(RULES)


def test_every_check_says_what_holds() -> None:
    """Each check has a sentence, and a name of its own."""
    names = [f"{check.rule} {check.name}" for check in CHECKS]

    assert len(names) == len(set(names))
    assert all(check.holds.endswith(".") for check in CHECKS)


def test_ten_offences_are_named_and_all_are_counted(world: World) -> None:
    """A line stays readable where much is broken."""
    world.give("1000")
    world.send(*(event(f"e{n}", f"p{n}@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00") for n in range(25)))
    Charge.objects.filter(ended_us=None).update(until_us=NOW)

    line = next(line for line in verify() if line.name == "uses")

    assert (line.breaks, len(line.offences)) == (25, 10)


def test_the_counter_is_untouched(world: World) -> None:
    """Verifying writes nothing."""
    busy(world)
    before = list(Counter.objects.order_by("name").values_list("name", "value"))

    list(verify())

    assert list(Counter.objects.order_by("name").values_list("name", "value")) == before
