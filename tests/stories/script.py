"""
Reads a story line by line, does what each line says, and writes the line again with what really happened.

A line is blank, a comment (`#`), or a sentence of the table `SENTENCES`, followed by `=>` and its outcome where it has
one. Times are UTC, unless the story names a `zone`, the sentence names a server, or the time carries its own offset.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from tests.stories.book import Book, Change, Reported

from farebox.domain.access import Assignment, products_in_force
from farebox.domain.amounts import Tokens, as_text, tokens
from farebox.domain.charging.jobs import Job, billable_seconds, job_row, outcome_of
from farebox.domain.charging.manual import consumption_row
from farebox.domain.clock import DAY, HOUR, MINUTE, SECOND, Day, Instant, Span, as_date, day, instant, midnight
from farebox.domain.errors import FareboxError
from farebox.domain.ids import tie_of
from farebox.domain.ledger import TransferKind
from farebox.domain.periods import (
    Range,
    add_months,
    custom,
    last_days,
    recent_months,
    rolling_days,
    year_later,
)
from farebox.domain.rates import Rate, Setting, rate_in_force, setting_in_force
from farebox.domain.seats import Held
from farebox.domain.usage import Funding, Row, Use

WHEN = r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?"
DATE = r"\d{4}-\d\d-\d\d"
LENGTHS = {"d": DAY, "h": HOUR, "m": MINUTE, "s": SECOND, "us": 1}


class Story:
    """One story being told."""

    def __init__(self) -> None:
        self.book = Book()
        self.zone: tzinfo = UTC
        self.told = 0

    def retell(self, text: str) -> str:
        """Return the story with the outcomes that the rules give it."""
        return "".join(f"{self._line(line)}\n" for line in text.splitlines())

    def _line(self, line: str) -> str:
        said = line.split(" =>")[0].rstrip() if " =>" in line else line
        if not said or said.startswith("#"):
            return line
        for pattern, sentence in SENTENCES.items():
            if match := re.fullmatch(pattern, re.sub(r"\s+", " ", said)):
                outcome = self._do(sentence, match)
                gap = line[len(said) : line.index("=>")] if "=>" in line else "   "
                return f"{said}{gap}=> {outcome}" if outcome else said
        raise SyntaxError(f"no sentence reads: {said}")

    def _do(self, sentence: Callable[[Story, re.Match[str]], str], match: re.Match[str]) -> str:
        try:
            outcome = sentence(self, match)
        except FareboxError as refusal:
            outcome = f"refused: {refusal}"
        self.book.audit()
        return outcome

    def at(self, text: str, zone: tzinfo | None = None) -> Instant:
        """Read a time of the story; the story's own clock never goes back."""
        written = datetime.fromisoformat(text)
        at = instant(written if written.tzinfo else written.replace(tzinfo=zone or self.zone))
        self.book.reach(at)
        return at

    def ahead(self, text: str) -> Instant:
        """Read a time that lies ahead, without moving the story's clock there."""
        written = datetime.fromisoformat(text)
        return instant(written if written.tzinfo else written.replace(tzinfo=self.zone))


def uses(story: Story, match: re.Match[str]) -> str:
    """A person uses a product, for a time or until a moment."""
    book, server = story.book, match["server"]
    offset_seconds = book.servers[server] if server else 0
    clock = timezone(timedelta(seconds=offset_seconds)) if server else None
    since = story.at(match["at"], clock)
    until = Instant(since + length(match["length"])) if match["length"] else story.at(match["until"], clock)
    story.told += 1
    name = match["name"] or f"use {story.told}"
    grace_us = setting_in_force(book.grace, since, 5 * MINUTE)
    use = Use(story.told, since, until, tie_of("//stories", name), grace_us, activity(match["active"], since))
    reported = Reported(match["person"], match["product"], use, offset_seconds, bool(match["borrowed"]))
    change = book.receive(name, reported)
    outcome = " + ".join(say_charge(story, row) for row in book.rows_of(name))
    return f"{outcome}; {as_text(change.taken_back)} taken back" if change.taken_back else outcome


def job(story: Story, match: re.Match[str]) -> str:
    """A service does a job: so many results of a class, or work for a time; it succeeds unless told otherwise."""
    at, price = story.at(match["at"]), match["product"] + (f":{match['class']}" if match["class"] else "")
    rate = rate_in_force(story.book.rates.get(price, []), at)
    work = Span(story.ahead(match["from"]), story.ahead(match["to"])) if match["from"] else None
    outcome = outcome_of(match["status"] or "success")
    assert outcome is not None, "a story knows what became of a job"
    told = Job(outcome, int(match["count"]) if match["count"] else None, billable_seconds(work) if work else None)
    story.told += 1
    row = job_row(story.told, story.book.product(match["product"]), Span(at, at), told, rate)
    story.book.price(row)
    return say_charge(story, row)


def consume(story: Story, match: re.Match[str]) -> str:
    """Somebody enters by hand what nothing reported."""
    story.told += 1
    on = day(date.fromisoformat(match["on"]))
    number = story.book.product(match["product"])
    story.book.reach(midnight(on))
    row = consumption_row(story.told, number, on, tokens(match["tokens"]), 0)
    story.book.price(row)
    return say_charge(story, row)


def again(story: Story, match: re.Match[str]) -> str:
    """The same event arrives once more."""
    return say_change(story.book.receive(match["name"], story.book.uses[match["name"]]))


def amend(story: Story, match: re.Match[str]) -> str:
    """The source says that a use had another length (M3)."""
    reported = story.book.uses[match["name"]]
    use = reported.use._replace(until=Instant(reported.use.since + length(match["length"])))
    return say_change(story.book.receive(match["name"], reported._replace(use=use)))


def withdraw(story: Story, match: re.Match[str]) -> str:
    """The source takes a use back (M3)."""
    return say_change(story.book.withdraw(match["name"]))


def rate(story: Story, match: re.Match[str]) -> str:
    """A product costs so much, always or from a moment on."""
    since = story.at(match["at"]) if match["at"] else Instant(0)
    number = sum(len(history) for history in story.book.rates.values()) + 1
    story.book.product(match["product"])
    history = story.book.rates.setdefault(match["product"], [])
    seconds = length(match["unit"]) // SECOND if match["unit"] else 0
    history.append(Rate(number, since, tokens(match["tokens"]), seconds))
    history.sort(key=lambda one: one.since)
    return ""


def pack(story: Story, match: re.Match[str]) -> str:
    """Tokens are bought, at once or from a moment on, for a year or until a moment."""
    bought = story.at(match["at"])
    since = story.ahead(match["since"]) if match["since"] else bought
    until = story.ahead(match["until"]) if match["until"] else year_later(since)
    paid = story.book.buy(match["name"], tokens(match["size"]), since, until)
    return f"covers {as_text(paid)}" if paid else ""


def lapse(story: Story, match: re.Match[str]) -> str:
    """The job that books lapses runs."""
    lapses = story.book.expire(story.at(match["at"]))
    return " ".join(f"{name}:{as_text(left)}" for name, left in lapses.items()) or "nothing"


def move(story: Story, match: re.Match[str]) -> str:
    """Tokens are moved to or from another team, or adjusted."""
    kind = TransferKind.MOVED if match["kind"] == "move" else TransferKind.ADJUSTED
    story.book.move(match["name"], tokens(match["tokens"]), kind, story.at(match["at"]))
    return f"{match['name']}:{as_text(story.book.left_in(match['name']))}"


def left(story: Story, match: re.Match[str]) -> str:
    """Ask what is available at a moment."""
    return as_text(story.book.available(story.at(match["at"])))


def left_in(story: Story, match: re.Match[str]) -> str:
    """Ask for the balance of a pack."""
    return as_text(story.book.left_in(match["name"]))


def consumed(story: Story, match: re.Match[str]) -> str:
    """Ask for the tokens consumed on a date, in a month, or between two dates."""
    since = day(date.fromisoformat(match["since"] if len(match["since"]) > 7 else f"{match['since']}-01"))
    last = day(date.fromisoformat(match["last"])) if match["last"] else since
    until = Day(last + 1) if len(match["since"]) > 7 else add_months(since, 1)
    return as_text(story.book.consumed_between(since, until))


def short(story: Story, match: re.Match[str]) -> str:
    """Ask what no pack has paid yet."""
    return as_text(Tokens(sum(one.tokens for one in story.book.shortfalls())))


def rows(story: Story, match: re.Match[str]) -> str:
    """Ask for the rows of a person and product."""
    return " + ".join(say_row(row) for row in story.book.rows_between(match["person"], match["product"])) or "nothing"


def why(story: Story, match: re.Match[str]) -> str:
    """Ask for the reasons of a use's rows."""
    return ", ".join(row.reason for row in story.book.rows_of(match["name"]))


def enterprise(story: Story, match: re.Match[str]) -> str:
    """The team has an enterprise contract, with a minimum."""
    story.book.enterprise, story.book.minimum_us = True, length(match["minimum"])
    return ""


def family(story: Story, match: re.Match[str]) -> str:
    """Some products are one family."""
    story.book.families |= dict.fromkeys(match["products"].split(), match["name"])
    return ""


def server(story: Story, match: re.Match[str]) -> str:
    """A licence server has a clock; it may be put forward or back."""
    sign = -1 if match["sign"] == "-" else 1
    story.book.servers[match["name"]] = sign * (int(match["hours"]) * 3600 + int(match["minutes"]) * 60)
    return ""


def zone(story: Story, match: re.Match[str]) -> str:
    """Times that follow are read on the clocks of a place."""
    story.zone = ZoneInfo(match["name"])
    return ""


def grace(story: Story, match: re.Match[str]) -> str:
    """The grace is so long from a moment on."""
    story.book.grace.append(Setting(story.at(match["at"]), length(match["length"])))
    return ""


def entitle(story: Story, match: re.Match[str]) -> str:
    """A person has a seat or a trial of a product for a time."""
    since, until = story.at(match["at"]), story.ahead(match["until"])
    held = story.book.entitlements.setdefault((match["person"], match["product"]), [])
    held.append(Held(len(held), Funding(match["kind"].upper()), since, until))
    return ""


def period(story: Story, match: re.Match[str]) -> str:
    """Ask for the dates of a range, and by what its averages divide."""
    today = day(date.fromisoformat(match["today"]))
    count = int(match["count"])
    return say_range(rolling_days(today, count) if match["unit"] == "days" else recent_months(today, count))


def chosen(story: Story, match: re.Match[str]) -> str:
    """Ask by what the averages of a custom range divide."""
    first, last = (day(date.fromisoformat(match[end])) for end in ("first", "last"))
    return say_range(custom(first, last))


def days_used(story: Story, match: re.Match[str]) -> str:
    """Ask on how many of the last days a person used anything (R6)."""
    days = last_days(day(date.fromisoformat(match["today"])), int(match["count"]))
    mine = [name for name, one in story.book.uses.items() if one.person == match["person"]]
    used = {row.day for name in mine for row in story.book.rows_of(name) if days.since <= row.day < days.until}
    return f"{len(used)} of {days.until - days.since} days"


def offer(story: Story, match: re.Match[str]) -> str:
    """The scheme opens these products, or a team's defaults are these."""
    products = frozenset(story.book.product(name) for name in (match["products"] or "").split() if name != "off")
    if match["what"] == "offer":
        story.book.offer = products
    else:
        story.book.defaults = products
    return ""


def given(story: Story, match: re.Match[str]) -> str:
    """A person is given some products, or all."""
    names = [] if match["products"] == "all" else match["products"].split()
    products = frozenset(story.book.product(name) for name in names)
    story.book.assignments[match["person"]] = Assignment(products, every=match["products"] == "all")
    return ""


def member(story: Story, match: re.Match[str]) -> str:
    """A person joins a group, or leaves it; a group is given products as a person is (B7)."""
    inside = story.book.groups.setdefault(match["group"], set())
    (inside.add if match["does"] == "joins" else inside.discard)(match["person"])
    return ""


def may_open(story: Story, match: re.Match[str]) -> str:
    """Ask which products a person may open."""
    book = story.book
    person = book.assignments.get(match["person"], Assignment())
    groups = [name for name, inside in book.groups.items() if match["person"] in inside]
    held = [book.assignments.get(name, Assignment()) for name in groups]
    numbers = products_in_force(book.offer, person, held, defaults=book.defaults)
    return " ".join(name for name in sorted(book.products) if name and book.product(name) in numbers) or "nothing"


def length(text: str) -> int:
    """Read a length such as 1h30m or 5m1us, in microseconds."""
    return sum(int(number) * LENGTHS[unit] for number, unit in re.findall(r"(\d+)(us|[dhms])", text))


def activity(text: str | None, since: Instant) -> tuple[Span, ...] | None:
    """Read activity such as 0m-2h,25h-26h after the start; `never` is an aware product without any."""
    if text is None:
        return None
    parts = [] if text == "never" else text.split(",")
    ends = [[Instant(since + length(end)) for end in part.split("-")] for part in parts]
    return tuple(Span(start, stop) for start, stop in ends)


def say_charge(story: Story, row: Row) -> str:
    """Write a row with what paid for it: CHARGED 7 from p1:3 p2:4."""
    said, missing = f"{row.category} {as_text(row.tokens)}", row.tokens
    for kind, word in {TransferKind.DRAWN: "from", TransferKind.COVERED: "covered by"}.items():
        paid = story.book.paid_by(row, kind) if row.tokens else {}
        missing = Tokens(missing - sum(paid.values()))
        said += f" {word} {' '.join(f'{name}:{as_text(part)}' for name, part in paid.items())}" if paid else ""
    return f"{said} {'over' if story.book.enterprise else 'short'} {as_text(missing)}" if missing else said


def say_row(row: Row) -> str:
    """Write a row with its usageDate and its length."""
    minutes, rest = divmod(row.until - row.since, MINUTE)
    said = f"{minutes}m" if not rest else f"{minutes}m{rest}us"
    return f"{as_date(row.day)} {row.category} {as_text(row.tokens)} {said}"


def say_change(change: Change) -> str:
    """Write what an arrival did to the charges."""
    if not any(change):
        return "nothing changes"
    return f"{as_text(change.taken_back)} taken back, {as_text(change.booked)} booked"


def say_range(chosen: Range) -> str:
    """Write the dates of a range and its months."""
    first, last = as_date(chosen.days.since), as_date(Day(chosen.days.until - 1))
    return f"{first} to {last}, by {chosen.months}"


LENGTH = r"(?:\d+(?:us|[dhms]))+"
SENTENCES: dict[str, Callable[[Story, re.Match[str]], str]] = {
    rf"(?P<at>{WHEN}) (?P<person>\S+) uses (?P<product>\S+) (?:(?P<length>{LENGTH})|until (?P<until>{WHEN}))"
    r"(?: at (?P<server>\S+))?(?P<borrowed> borrowed)?(?: active (?P<active>\S+))?(?: as (?P<name>\S+))?": uses,
    r"again (?P<name>\S+)": again,
    rf"amend (?P<name>\S+) to (?P<length>{LENGTH})": amend,
    r"withdraw (?P<name>\S+)": withdraw,
    rf"(?:(?P<at>{WHEN}) )?rate (?P<product>\S+) (?P<tokens>\S+)(?: per (?P<unit>{LENGTH}))?": rate,
    rf"(?P<at>{WHEN}) job (?P<product>[^\s:]+)(?::(?P<class>\S+))?(?: x(?P<count>\d+))?"
    rf"(?: from (?P<from>{WHEN}) to (?P<to>{WHEN}))?(?: (?P<status>succeeded|failed|cancelled|timeout|running))?": job,
    rf"(?P<on>{DATE}) (?P<person>\S+) by hand (?P<product>\S+) (?P<tokens>\S+)": consume,
    rf"(?P<at>{WHEN}) pack (?P<name>\S+) (?P<size>\S+)(?: from (?P<since>{WHEN}))?(?: until (?P<until>{WHEN}))?": pack,
    rf"(?P<at>{WHEN}) lapse": lapse,
    rf"(?P<at>{WHEN}) (?P<kind>move|adjust) (?P<name>\S+) (?P<tokens>\S+)": move,
    rf"(?P<at>{WHEN}) left": left,
    r"left in (?P<name>\S+)": left_in,
    rf"consumed (?:on|in|from) (?P<since>\d{{4}}-\d\d(?:-\d\d)?)(?: to (?P<last>{DATE}))?": consumed,
    r"short": short,
    r"rows (?P<person>\S+) (?P<product>\S+)": rows,
    r"why (?P<name>\S+)": why,
    rf"enterprise minimum (?P<minimum>{LENGTH})": enterprise,
    r"family (?P<name>\S+): (?P<products>.+)": family,
    r"server (?P<name>\S+) (?P<sign>[+-])(?P<hours>\d\d):(?P<minutes>\d\d)": server,
    r"zone (?P<name>\S+)": zone,
    rf"(?P<at>{WHEN}) grace (?P<length>{LENGTH})": grace,
    rf"(?P<at>{WHEN}) (?P<kind>seat|trial) (?P<person>\S+) (?P<product>\S+) until (?P<until>{WHEN})": entitle,
    rf"(?P<today>{DATE}) last (?P<count>\d+) (?P<unit>days|months)": period,
    rf"from (?P<first>{DATE}) to (?P<last>{DATE})": chosen,
    rf"(?P<today>{DATE}) (?P<person>\S+) used in (?P<count>\d+) days": days_used,
    r"(?P<what>offer|defaults) (?P<products>.+)": offer,
    r"(?P<person>\S+) has (?P<products>.+)": given,
    r"(?P<person>\S+) (?P<does>joins|leaves) (?P<group>\S+)": member,
    r"(?P<person>\S+) may open": may_open,
}
"""Every sentence that a story may use, and what it does."""
