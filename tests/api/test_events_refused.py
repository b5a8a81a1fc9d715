"""
What an event may not be: the JSON, Numbers and Times rows of the bad-input matrix, and every problem at once.

Each refused text leaves the records as they were.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.api.sending import WHO, Sender, ago, an_event, state

from farebox.domain.clock import as_iso
from farebox.records.models import Event, Use
from farebox.services.ingest.codes import PROBLEMS, PROBLEMS_MAX, rank

TEXT = json.dumps(an_event())


def edited(old: str, new: str) -> bytes:
    """Return the text of an event with one part of it replaced."""
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new).encode("utf-8", "surrogatepass")


def deep(depth: int) -> str:
    """Return so many arrays in each other."""
    return "[" * depth + "]" * depth


ID = '"id": "e-1"'
NO_JSON = {
    "nothing but a word": b"event",
    "a number": b"7",
    "a text": b'"event"',
    "null": b"null",
    "an object cut short": TEXT.encode()[:-1],
    "a comma too many": edited(ID, ID + ","),
    "a comment": edited(ID, f"/* */ {ID}"),
    "single quotes": TEXT.replace('"', "'").encode(),
    "something behind": TEXT.encode() + b"x",
    "a second event behind": TEXT.encode() * 2,
    "NUL behind": TEXT.encode() + b"\0",
    "a byte order mark": b"\xef\xbb\xbf" + TEXT.encode(),
    "UTF-16": TEXT.encode("utf-16"),
    "UTF-16 without a mark": TEXT.encode("utf-16-le"),
    "UTF-32": TEXT.encode("utf-32"),
    "Latin-1": edited(ID, '"id": "\u00e9"').decode().encode("latin-1"),
    "overlong UTF-8": edited(ID, '"id": "QQ"').replace(b"QQ", b"\xc0\xaf"),
    "a surrogate in UTF-8": edited(ID, '"id": "\ud800"'),
    "a bare control character": edited(ID, '"id": "a\x01"'),
    "a tab in a text": edited(ID, '"id": "a\tb"'),
    "an escape that is none": edited(ID, '"id": "\\x41"'),
    "NaN": edited(ID, f'{ID}, "revision": NaN'),
    "Infinity": edited(ID, f'{ID}, "revision": Infinity'),
    "minus Infinity": edited(ID, f'{ID}, "revision": -Infinity'),
    "a leading zero": edited(ID, f'{ID}, "revision": 01'),
    "a plus sign": edited(ID, f'{ID}, "revision": +1'),
    "hexadecimal": edited(ID, f'{ID}, "revision": 0x1'),
    "digits of another script": edited(ID, f'{ID}, "revision": \u0661\u0662'),
    "a hundred thousand arrays": edited(ID, f'{ID}, "revision": {deep(100_000)}'),
    "a hundred thousand arrays in data": edited('"product": "A"', f'"product": {deep(100_000)}'),
    "a hundred thousand objects": b'{"data":' * 100_000 + b"1" + b"}" * 100_000,
    "arrays that never end": b'{"id": ' + b"[" * 100_000,
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in NO_JSON.items()])
def test_what_is_no_json_object_is_refused(sender: Sender, text: bytes) -> None:
    """A text that RFC 8259 does not know is one problem, and never an error of the server."""
    answer = sender.post(text)

    assert answer.status == 422
    assert answer.codes in ([" invalid_json"], [" not_an_object"])
    assert state() == (0,) * 6


def test_a_broken_array_fails_the_whole_request(sender: Sender) -> None:
    """Where one event ends cannot be told any more, so that nothing is kept."""
    for body in (f"[{TEXT},]", f"[{TEXT}", f"[{TEXT}]x", f"[{TEXT} {TEXT}]", deep(100_000), "[" * 100_000):
        answer = sender.post(body.encode())
        assert (answer.status, answer.body["code"]) == (400, "invalid_json")
    assert state() == (0,) * 6


@pytest.mark.parametrize("inner", ["1", "null", '"x"', "[]", "[[]]", "true"])
def test_a_list_of_other_things_has_a_verdict_for_each(sender: Sender, inner: str) -> None:
    """What is no object is a rejected event among the good ones."""
    answer = sender.post(f"[{TEXT}, {inner}]".encode())

    assert (answer.status, answer.counts) == (200, (2, 1, 0, 1, 0))
    assert answer.codes == [" not_an_object"]


TWICE = {
    "the id": (edited(ID, f"{ID}, {ID.replace('1', '2')}"), "id"),
    "the same value": (edited(ID, f"{ID}, {ID}"), "id"),
    "a null before": (edited(ID, f'"id": null, {ID}'), "id"),
    "written with escapes": (edited(ID, f'{ID}, "\\u0069d": "e-2"'), "id"),
    "in the data": (edited('"product": "A"', '"product": "A", "product": "Z"'), "product"),
    "in the data, escaped": (edited('"product": "A"', '"product": "A", "pro\\u0064uct": "Z"'), "product"),
    "in the attributes": (edited('"product": "A"', '"product": "A", "attributes": {"a/b": "1", "a\\/b": "2"}'), "a/b"),
    "behind a colon": (
        edited('"product": "A"', '"product": "A", "attributes": {"a":"x", ":k":"1", "b":"y" ,":k":"2"}'),
        ":k",
    ),
    "a backslash": (
        edited('"product": "A"', '"product": "A", "attributes": {"\\\\":"x", "\\u005c":"1"}'),
        "\\\\",
    ),
}


@pytest.mark.parametrize(("text", "name"), [pytest.param(*case, id=name) for name, case in TWICE.items()])
def test_a_member_named_twice_is_refused(sender: Sender, text: bytes, name: str) -> None:
    """Two readers would take two different events from it; escapes hide nothing."""
    answer = sender.post(text)

    assert (answer.status, answer.codes) == (422, [" duplicate_key"])
    assert f"'{name}'" in answer.body["events"][0]["problems"][0]["message"]
    assert state() == (0,) * 6


def test_the_same_name_in_two_objects_is_no_repetition(sender: Sender) -> None:
    """`start` and `end` stand in the data and in each stretch of activity."""
    spans = [{"start": ago(hours=2), "end": ago(hours=1)}, {"start": ago(hours=1), "end": ago(hours=1)}]

    answer = sender.post(an_event(data={"active": spans, "attributes": {"id": "1", "start": "2"}}))

    assert answer.counts == (1, 1, 0, 0, 0)


HALF = "\\ud800"


@pytest.mark.parametrize(
    "text",
    [
        edited('"e-1"', f'"{HALF}"'),
        edited(f'"{WHO}"', f'"ann{HALF}"'),
        edited('"product": "A"', f'"product": "{HALF}A"'),
        edited('"product": "A"', f'"product": "A", "attributes": {{"{HALF}": "x"}}'),
        edited('"product": "A"', f'"product": "A", "attributes": {{"x": "{HALF.upper().replace("U", "u")}"}}'),
        edited(ID, f'{ID}, "{HALF}": 1'),
        edited('"product": "A"', '"product": "\\udc00\\ud800"'),
    ],
)
def test_half_a_character_is_refused(sender: Sender, text: bytes) -> None:
    """A lone surrogate has no form in UTF-8, wherever it stands; the answer can be written all the same."""
    answer = sender.post(text)

    assert answer.status == 422
    assert " invalid_json" in answer.codes
    assert state() == (0,) * 6


def test_a_whole_pair_of_surrogates_is_a_character(sender: Sender) -> None:
    """An escaped pair is one character, and the same content as the character itself."""
    assert sender.post(edited('"product": "A"', '"product": "A", "machine": "\\ud83d\\ude80"')).counts[1] == 1
    assert sender.post(edited('"product": "A"', '"product": "A", "machine": "\U0001f680"')).counts[2] == 1


@pytest.mark.parametrize("member", ['"id": "e\\u0000"', '"source": "t\\u0000"'])
def test_nul_is_no_part_of_a_text(sender: Sender, member: str) -> None:
    """Some engines end a text there."""
    name = member.split('"')[1]
    found = '"id": "e-1"' if name == "id" else '"source": "test"'

    assert sender.post(edited(found, member)).codes == [f"/{name} invalid_value"]
    assert sender.post(an_event(data={"attributes": {"a\0": "x", "b": "\0"}})).codes == [
        "/data/attributes/a\0 invalid_value",
        "/data/attributes/b invalid_value",
    ]


def test_a_million_members_are_refused_in_few_words(sender: Sender) -> None:
    """The answer to a flood of unknown members lists some, not all."""
    flood = "{" + ",".join(f'"{nth:x}":1' for nth in range(700_000)) + "}"

    answer = sender.post(flood.encode())

    assert answer.status == 422
    assert len(answer.codes) == PROBLEMS_MAX


REVISIONS = {
    "-1": True, "-0": False, "0": False, "2147483647": False, "2147483648": True, "9223372036854775807": True,
    "9223372036854775808": True, "18446744073709551616": True, "1.0": True, "1e0": True, "1e999": True, "0.1": True,
    "9" * 10_000: True, "true": True, "null": True, '"1"': True, '"\u0661\u0662"': True,
}  # fmt: skip


@pytest.mark.parametrize(("number", "refused"), [pytest.param(*case, id=case[0][:24]) for case in REVISIONS.items()])
def test_a_revision_is_a_whole_number_that_fits(sender: Sender, number: str, refused: bool) -> None:
    """No other number is rounded, wrapped or read as one."""
    answer = sender.post(edited(ID, f'{ID}, "revision": {number}'))

    assert answer.counts == (1, 0, 0, 1, 0) if refused else (1, 1, 0, 0, 0)
    if refused:
        assert answer.codes == ["/revision invalid_value"]


BY_HAND = "/type entered_by_hand"
"""What a key is told of an event that operators enter, besides what is wrong with it."""

AMOUNTS = ["1e-7", "1,5", "\u0661\u0662", "NaN", "Infinity", "0x10", "", " 1", "1\n", "1.", ".5", "+1", "1_000",
           "0.0000001", "9" * 14]  # fmt: skip


@pytest.mark.parametrize("amount", [*AMOUNTS, 7, 0.1, None, True])
def test_an_amount_is_a_decimal_text(sender: Sender, amount: object) -> None:
    """Amounts and quantities come as plain decimals in ASCII, with at most six decimals; numbers are no amounts."""
    on = {"reasonType": "r", "transactionDate": ago(days=1)[:10]}
    changed = {**an_event("a", type="farebox.adjustment"), "data": {"pool": "FLEX", "tokens": amount, **on}}
    used = {**an_event("b", type="farebox.api-call"), "data": {"app": "c", "api": "x", "quantity": amount, "unit": "u"}}

    assert sender.post(changed).codes == ["/data/tokens invalid_value", BY_HAND]
    assert sender.post(used).codes == ["/data/quantity invalid_value"]


def test_an_adjustment_has_a_sign_and_a_quantity_has_none(sender: Sender) -> None:
    """Tokens may be taken away by hand; nobody uses less than nothing."""
    on = {"reasonType": "r", "transactionDate": ago(days=1)[:10]}
    changed = {**an_event("a", type="farebox.adjustment"), "data": {"pool": "FLEX", "tokens": "-0.5", **on}}
    by_hand = {
        **an_event("b", type="farebox.consumption"),
        "data": {"person": WHO, "product": "A", "tokens": "-1", **on},
    }

    assert sender.post(changed).codes == [BY_HAND]
    assert sender.post(by_hand).codes == ["/data/tokens invalid_value", BY_HAND]


TIMES = {
    "no zone": ("2026-03-04T09:12:00", "naive_time"),
    "a date": ("2026-03-04", "invalid_value"),
    "no seconds": ("2026-03-04T09:12Z", "invalid_value"),
    "a leap second": ("2016-12-31T23:59:60Z", "invalid_value"),
    "30 February": ("2026-02-30T00:00:00Z", "invalid_value"),
    "hour 24": ("2026-03-04T24:00:00Z", "invalid_value"),
    "an offset of 24 hours": ("2026-03-04T09:12:00+24:00", "invalid_value"),
    "a zone's name": ("2026-03-04T09:12:00 Europe/Paris", "invalid_value"),
    "digits of another script": ("\u0662\u0660\u0662\u0666-03-04T09:12:00Z", "invalid_value"),
    "a line break": ("2026-03-04T09:12:00Z\n", "invalid_value"),
    "seconds since 1970": (1_772_615_520, "invalid_value"),
    "the year 1": ("0001-01-01T00:00:00Z", "out_of_range"),
    "before the year 1": ("0001-01-01T00:00:00+14:00", "out_of_range"),
    "1989": ("1989-12-31T23:59:59.999999Z", "out_of_range"),
    "2100": ("2100-01-01T00:00:00Z", "out_of_range"),
    "after the year 9999": ("9999-12-31T23:59:59-14:00", "out_of_range"),
    "null": (None, "invalid_value"),
}


@pytest.mark.parametrize(("moment", "code"), [pytest.param(*case, id=name) for name, case in TIMES.items()])
def test_a_moment_that_is_none_is_refused(sender: Sender, moment: object, code: str) -> None:
    """A moment has a date, a time, and a zone, in the years that anything was metered in (domain T1)."""
    assert sender.post(an_event(time=moment)).codes == [f"/time {code}"]
    assert sender.post({**an_event(), "data": {"product": "A", "start": moment}}).codes == [f"/data/start {code}"]
    assert state() == (0,) * 6


SAME = {
    "UTC": "{0:%Y-%m-%dT%H:%M:%S}Z",
    "small letters": "{0:%Y-%m-%dt%H:%M:%S}z",
    "minus zero": "{0:%Y-%m-%dT%H:%M:%S}-00:00",
    "half an hour ahead": "{1:%Y-%m-%dT%H:%M:%S}+00:30",
    "fourteen hours ahead": "{2:%Y-%m-%dT%H:%M:%S}+14:00",
    "twelve hours behind": "{3:%Y-%m-%dT%H:%M:%S}-12:00",
    "finer than a microsecond": "{0:%Y-%m-%dT%H:%M:%S}.0000009Z",
}


@pytest.mark.parametrize("form", SAME.values(), ids=SAME.keys())
def test_every_way_to_write_a_moment_is_the_same_instant(sender: Sender, form: str) -> None:
    """Zones are translated to UTC; digits beyond the microsecond are cut, not rounded (domain S2)."""
    at = (datetime.now(UTC) - timedelta(hours=2)).replace(microsecond=0)
    shown = [at + timedelta(hours=hours) for hours in (0, 0.5, 14, -12)]
    text = form.format(*shown)

    assert sender.post(an_event(time=text, data={"start": text})).counts == (1, 1, 0, 0, 0)
    assert as_iso(Use.objects.get().since_us) == at.isoformat().replace("+00:00", "Z")


def test_a_moment_may_be_a_little_ahead(sender: Sender) -> None:
    """Clocks differ: four minutes ahead of the server's are accepted, six are not (invariant I6)."""
    soon, later = ago(minutes=-4), ago(minutes=-6)

    assert sender.post(an_event("a", time=soon, data={"end": soon})).counts == (1, 1, 0, 0, 0)
    assert sender.post(an_event("b", time=later, data={"end": later, "lastHeartbeat": later})).codes == [
        "/data/end in_future",
        "/data/lastHeartbeat in_future",
        "/time in_future",
    ]


def test_a_session_ends_after_it_starts_and_within_a_year(sender: Sender) -> None:
    """Turned round, or ten years long, it is refused; one that took no time, or a year, is not."""
    start = ago(hours=2)
    backwards = sender.post(an_event("a", data={"start": start, "end": ago(hours=3)}))
    long = sender.post(an_event("b", data={"start": ago(days=3_650), "end": start}))
    alive = sender.post({**an_event("c"), "data": {"product": "A", "start": ago(days=400), "lastHeartbeat": start}})

    assert backwards.codes == ["/data/end end_before_start"]
    assert long.codes == ["/data/end too_long"]
    assert alive.codes == ["/data/lastHeartbeat too_long"]
    assert sender.post(an_event("d", data={"start": start, "end": start})).counts == (1, 1, 0, 0, 0)


BAD_OFFSETS = [
    ("+14:01", "out_of_range"),
    *((bad, "invalid_value") for bad in ("+15:00", "1", "+1:60", "+1:00\n", 3600)),
]


@pytest.mark.parametrize(("offset", "code"), BAD_OFFSETS)
def test_the_servers_offset_is_at_most_fourteen_hours(sender: Sender, offset: object, code: str) -> None:
    """The licence server's offset is written ±H:MM or ±HH:MM."""
    assert sender.post(an_event(data={"utcOffset": offset})).codes == [f"/data/utcOffset {code}"]


@pytest.mark.parametrize("offset", ["+1:00", "-01:00", "+14:00", "0:00", "5:30", ""])
def test_an_offset_may_be_written_in_several_ways(sender: Sender, offset: str) -> None:
    """The sign and the leading zero may be left out."""
    assert sender.post(an_event(data={"utcOffset": offset})).counts == (1, 1, 0, 0, 0)


def wrong(**data: Any) -> dict[str, Any]:
    """Return an event whose structure is wrong in its members, and whose meaning is wrong too."""
    return an_event("all-wrong", subject="a@b@c", colour="red", team="nobody", data={"colour": "red", **data})


def test_every_problem_of_an_event_is_listed_at_once(sender: Sender) -> None:
    """Structure and meaning are both checked, as far as the members can be read; the id comes back."""
    answer = sender.post(
        wrong(
            start=ago(hours=1),
            end=ago(hours=2),
            version=7,
            utcOffset="+14:30",
            attributes={f"a{nth}": nth or "x" for nth in range(11)},
            active=[{"start": ago(hours=1), "end": ago(hours=2)}, {"start": "now"}, 5],
        )
    )

    assert answer.body["events"][0]["id"] == "all-wrong"
    assert answer.codes == [
        "/colour unknown_field",
        "/data/colour unknown_field",
        "/data/active/1/end missing_field",
        "/data/active/1/start invalid_value",
        "/data/active/2 invalid_value",
        *(f"/data/attributes/a{nth} invalid_value" for nth in (1, 10, *range(2, 10))),
        "/data/version invalid_value",
        "/subject invalid_person",
        "/data/utcOffset out_of_range",
        "/data/active/0 end_before_start",
        "/data/end end_before_start",
        "/data/attributes too_many_attributes",
        "/team unknown_team",
    ]


def test_a_fault_is_not_blamed_on_what_it_touches(sender: Sender) -> None:
    """A start that cannot be read makes no end too early; a person that is no text is not missing as well."""
    assert sender.post(an_event(data={"start": "noon"})).codes == ["/data/start invalid_value"]
    assert sender.post(an_event(subject=7)).codes == ["/subject invalid_value"]
    assert sender.post({**an_event(), "data": []}).codes == ["/data invalid_value"]
    assert sender.post(an_event(type="farebox.nap")).codes == ["/type unknown_type"]
    assert sender.post(an_event(time="noon", type="farebox.cloud-use")).codes == ["/time invalid_value"]


def test_the_order_of_problems_is_fixed(sender: Sender) -> None:
    """However the members are ordered, the problems are listed by code and then by place."""
    event = wrong(end=7, version=7)
    turned = dict(reversed(event.items())) | {"data": dict(reversed(event["data"].items()))}

    first, second = sender.post(event), sender.post(turned)

    assert first.codes == second.codes
    assert [rank(code.split()[1]) for code in first.codes] == sorted(rank(code.split()[1]) for code in first.codes)


@pytest.mark.parametrize(("name", "shown"), [("e-7", "e-7"), ("", ""), (7, ""), (None, ""), ("x" * 300, "x" * 200)])
def test_the_id_of_a_refused_event_comes_back_if_it_is_a_text(sender: Sender, name: object, shown: str) -> None:
    """A sender can match a verdict to its event, whatever else is wrong with it."""
    answer = sender.post(an_event(id=name, colour="red"))

    assert answer.body["events"][0]["id"] == shown


def test_other_types_are_checked_as_well(sender: Sender) -> None:
    """An event that no rule charges yet is checked when it comes, not when a rule does."""
    job = {"product": "A", "status": "Success", "submitted": ago(hours=1), "finished": ago(hours=2)}
    by_hand = {"person": "a b@", "product": "A", "reasonType": "r", "transactionDate": "1066-10-14"}

    timed = {"downloadStarted": ago(minutes=-7), "uploadEnded": ago(hours=1)}
    assert sender.post({**an_event("a", type="farebox.job"), "data": job | timed}).codes == [
        "/data/finished end_before_start",
        "/data/uploadEnded end_before_start",
        "/data/downloadStarted in_future",
    ]
    assert sender.post({**an_event("b", type="farebox.consumption"), "data": by_hand}).codes == [
        "/data/tokens missing_field",
        "/data/person invalid_person",
        "/data/transactionDate out_of_range",
        BY_HAND,
    ]


@pytest.mark.parametrize(
    "on", ["2026-02-30", "2026-2-3", "2026-01-01\n", "\u0662\u0660\u0662\u0666-01-01", "01/02/2026", 20260101]
)
def test_a_transaction_has_a_date_of_the_calendar(sender: Sender, on: object) -> None:
    """Dates are written like 2026-03-31."""
    data = {"pool": "CY", "tokens": "1", "reasonType": "r", "transactionDate": on}

    assert sender.post({**an_event(type="farebox.adjustment"), "data": data}).codes == [
        "/data/transactionDate invalid_value",
        BY_HAND,
    ]


@pytest.mark.parametrize(
    "subject",
    [
        "\u0430nn@example.com",
        "ann@example.com\n",
        "ann@[127.0.0.1]",
        '"a b"@example.com',
        "ann\u202e",
        "\u212aay",
        "a@b",
    ],
)
def test_a_person_that_could_be_another_is_refused(sender: Sender, subject: str) -> None:
    """Look-alikes, line breaks and odd addresses name nobody (domain A3)."""
    assert sender.post(an_event(subject=subject)).codes == ["/subject invalid_person"]


def test_a_withdrawal_of_nothing_is_refused(sender: Sender) -> None:
    """There must be an event to take back."""
    answer = sender.post({**an_event("ghost", type="farebox.withdrawal"), "data": {}})

    assert answer.codes == ["/id withdraws_nothing"]
    assert Event.objects.count() == 0


def test_every_code_has_a_place_in_the_order() -> None:
    """The order of problems is the order in which the codes are declared."""
    assert [rank(code) for code in PROBLEMS] == list(range(len(PROBLEMS)))
