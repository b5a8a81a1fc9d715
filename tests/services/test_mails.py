"""Mails wait in the records and are sent once, to one address, whatever the mail server does (quality X27)."""

from __future__ import annotations

import re
import socket
import stat
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings
from tests.mail_sink import Sink, sink
from tests.world import NOW, START, World

from farebox.domain.clock import DAY, HOUR, MINUTE, Instant, day_of
from farebox.domain.errors import FareboxError, NotFound
from farebox.domain.mails import KEPT, LEASE, PAUSES, MailState, Trouble
from farebox.domain.usage import Funding
from farebox.records import mails
from farebox.records.chosen import Command
from farebox.records.models import Audit, Invitation, Mail, Person, Product, Team, User
from farebox.services import catalogue, invite, mail, seats
from farebox.services.mail import sending
from farebox.services.mail.letters import compose

ANN = "Ann Ek <ann@example.com>"
HEADERS = {
    "Auto-Submitted",
    "Content-Language",
    "Content-Type",
    "Date",
    "From",
    "MIME-Version",
    "Message-ID",
    "Subject",
    "To",
}


@pytest.fixture
def server(settings: Settings) -> Iterator[Sink]:
    """Have a mail server, and the settings lead to it."""
    with sink() as made:
        settings.MAIL_HOST, settings.MAIL_PORT, settings.MAIL_SECURITY = "127.0.0.1", made.port, "none"
        yield made


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    """Have no mail server, and the folder for mails among the test's own files."""
    settings.MAIL_HOST, settings.OUTBOX = "", tmp_path / "outbox"
    return tmp_path / "outbox"


def invited(world: World, people: str = ANN, language: str = "en") -> list[Mail]:
    """Invite people into the Flex team, and return the mails to them."""
    invite.invite(invite.Command.LINE, world.flex.pk, people, language=language, now=NOW)
    return list(Mail.objects.order_by("pk"))


def states() -> list[str]:
    """Return the state of each mail, with its trouble and the server's code."""
    rows = Mail.objects.order_by("pk").values_list("state", "trouble", "code")
    return [" ".join(str(word) for word in row if word) for row in rows]


def member(world: World, address: str = "mem@example.com", name: str = "Mem Ber") -> Person:
    """Add a member of the Flex team."""
    return catalogue.add_person(world.flex, address, name, now=START)


def test_what_is_undone_was_never_queued(world: World) -> None:
    """A mail belongs to the transaction of its cause: killed before the commit, neither is there (invariant I3)."""

    def killed() -> None:
        with transaction.atomic():
            invited(world)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        killed()

    assert not Mail.objects.exists()
    assert not Person.objects.filter(key="ann@example.com").exists()


def test_a_mail_has_one_recipient_and_no_header_that_a_name_made(world: World, server: Sink) -> None:
    """Whatever a team or an inviter is called, the server gets one address, one subject, and links to our own site."""
    Team.objects.filter(pk=world.flex.pk).update(name="Fléx\r\nBcc: eve@example.com\u2028X: y\u202e <b>&</b>")
    by = catalogue.add_account(
        "boss@example.com", "correct horse battery", "Boss\nTo: eve@example.com", roles={}, now=START
    )
    invited(world)
    Invitation.objects.update(by=by)

    assert mail.send_due(now=NOW) == 1

    (taken,) = server.taken
    read = taken.read
    assert taken.recipients == ["ann@example.com"]
    assert set(read.keys()) == HEADERS
    assert len(read.keys()) == len(HEADERS)
    assert taken.written.isascii()
    assert read["Subject"].strip() == "Invitation to Fléx Bcc: eve@example.com X: y <b>&</b>"
    assert (read["To"], read["Auto-Submitted"]) == ("ann@example.com", "auto-generated")
    assert read["From"] == "Farebox <farebox@127.0.0.1>"
    assert read["Message-ID"].endswith("@127.0.0.1>")
    assert "Boss To: eve@example.com invites you to the team Fléx Bcc" in taken.part("plain")
    assert "http://127.0.0.1:8000/accounts/invitation/" in taken.part("plain")
    assert "<b>" not in taken.part("html").partition("<main>")[2]
    assert not {"src=", "@import", "url(", "<img", "<link", "<script"} & set(taken.part("html").split())
    assert not any(sign in taken.part("html") for sign in ("src=", "@import", "url(", "<img", "<link", "<script"))


def test_mails_wait_while_the_server_is_away(world: World, settings: Settings) -> None:
    """Nothing else fails; each try is further from the last; after two days it fails, and an operator tries again."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.MAIL_HOST, settings.MAIL_PORT, settings.MAIL_SECURITY = "127.0.0.1", closed.getsockname()[1], "none"
        queue_for(member(world))
        at = NOW
        for pause in PAUSES:
            assert mail.send_due(now=at) == 0
            assert Mail.objects.get().due_us == at + pause
            assert mail.send_due(now=Instant(at + pause - 1)) == 0
            at = Instant(at + pause)
        assert states() == ["WAITING UNREACHABLE"]
        assert mail.standing() == (1, 1, 0)

        mail.send_due(now=at)

    assert states() == ["FAILED UNREACHABLE"]
    assert [(one.kind, one.team, one.trouble) for one in mail.outstanding()] == [
        ("ASSIGNED", "Flex team", Trouble.UNREACHABLE)
    ]
    assert mail.retry(actor="command", now=at) == 1
    assert Audit.objects.filter(verb="mails retried", facts={"mails": 1}).count() == 1
    with sink() as server:
        settings.MAIL_PORT = server.port
        assert mail.send_due(now=at) == 1
    assert states() == ["SENT"]
    assert mail.prune(now=Instant(at + KEPT)) == 0
    assert mail.prune(now=Instant(at + KEPT + 1)) == 1


def queue_for(person: Person) -> None:
    """Queue the mail about all products for a person."""
    mails.tell_assigned(person, [], every=True, language="en", now=NOW)


@pytest.mark.parametrize(
    ("answers", "first", "second"),
    [
        ({"RCPT": "550 no such person ann@example.com"}, "FAILED RECIPIENT 550", "FAILED RECIPIENT 550"),
        ({"RCPT": "451 later"}, "WAITING RECIPIENT 451", "WAITING RECIPIENT 451"),
        ({"MAIL": "553 not you"}, "WAITING SENDER 553", "WAITING SENDER 553"),
        ({"DATA": "554 spam"}, "FAILED REFUSED 554", "FAILED REFUSED 554"),
        ({"DATA": "cut"}, "WAITING UNREACHABLE", "WAITING"),
        ({"EHLO": "cut"}, "WAITING UNREACHABLE", "WAITING"),
    ],
)
def test_what_a_server_refuses_for_good_is_not_tried_again(
    world: World, server: Sink, answers: dict[str, str], first: str, second: str
) -> None:
    """A refusal of one mail leaves the others alone; one of the server ends the run. No word of the server is kept."""
    server.answers.update(answers)
    invited(world, f"{ANN}, bo@example.com")

    mail.send_due(now=NOW)

    assert states() == [first, second]


def test_a_mail_of_which_nobody_knows_is_sent_again_under_the_same_name(world: World, server: Sink) -> None:
    """The line breaks after the mail was handed over: it goes out again, and its Message-ID tells it is the same."""
    server.answers["TAKEN"] = "cut"
    queue_for(member(world))
    mail.send_due(now=NOW)
    assert states() == ["WAITING UNREACHABLE"]

    server.answers.clear()
    mail.send_due(now=Instant(NOW + MINUTE))

    assert states() == ["SENT"]
    assert len({one.read["Message-ID"] for one in server.taken}) == 1
    assert len(server.taken) == 2


def test_who_sends_a_mail_has_it_to_himself_for_a_while(world: World, server: Sink) -> None:
    """One who died while sending keeps it from the others until the lease ends; two at once send it once (X18)."""
    queue_for(member(world))
    read_by_two = [Mail.objects.get(), Mail.objects.get()]

    assert [sending._claim(one, NOW) for one in read_by_two] == [True, False]
    assert mail.send_due(now=Instant(NOW + LEASE - 1)) == 0
    assert mail.send_due(now=Instant(NOW + LEASE)) == 1
    assert len(server.taken) == 1


def test_one_mail_that_cannot_be_written_keeps_no_other_waiting(world: World, server: Sink) -> None:
    """What is wrong with one is told at the end, and it is tried again like any other."""
    queue_for(member(world))
    queue_for(member(world, "bo@example.com"))
    Mail.objects.filter(person__key="mem@example.com").update(facts={"products": "x"})

    with pytest.raises(ExceptionGroup):
        mail.send_due(now=NOW)

    assert states() == ["WAITING BROKEN", "SENT"]


def test_mails_whose_cause_has_ended_are_dropped(world: World, folder: Path) -> None:
    """No mail goes out for an invitation that lapsed while it waited, one sent anew, or to somebody who left."""
    first = invited(world)[0]
    invite.resend(invite.Command.LINE, world.flex.pk, first.facts["invitation"], now=Instant(NOW + HOUR))
    person = member(world)
    queue_for(person)
    Person.objects.filter(pk=person.pk).update(left_us=NOW)

    assert mail.send_due(now=Instant(NOW + 2 * HOUR)) == 1
    assert states() == ["DROPPED", "SENT", "DROPPED"]

    Mail.objects.filter(state=MailState.SENT).update(state=MailState.WAITING, due_us=NOW)
    assert mail.send_due(now=Instant(NOW + HOUR + 7 * DAY)) == 0
    assert states()[1] == "DROPPED"


def test_without_a_mail_server_mails_are_files_of_the_owner(world: World, folder: Path) -> None:
    """They are there to be read by who runs the installation and nobody else, and go with the queue's old rows."""
    invited(world)

    assert mail.send_due(now=NOW) == 1

    (file,) = folder.iterdir()
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(folder.stat().st_mode)) == (0o600, 0o700)
    (listed,) = mail.listed_files()
    assert (listed.to, listed.subject, listed.at) == ("ann@example.com", "Invitation to Flex team", NOW)
    assert "/accounts/invitation/" in mail.filed(listed.name).text
    for name in ("../secret", "", f"{listed.name}/..", "x" * 300):
        with pytest.raises(NotFound):
            mail.filed(name)
    mail.prune(now=Instant(NOW + KEPT + 1))
    assert list(folder.iterdir()) == []


def test_a_mail_speaks_the_language_of_whom_it_goes_to(world: World) -> None:
    """What the account has chosen comes first, else what was chosen for the mail; text and HTML say the same."""
    queued = invited(world, language="sv")[0]
    said = compose(queued, now=NOW)
    assert said is not None
    assert said.extra_headers["Content-Language"] == "sv"
    person = member(world)
    user = User.objects.create_user("mem@example.com", None, language="ja")
    Person.objects.filter(pk=person.pk).update(user=user)
    Product.objects.filter(code="A").update(name="A & B <i>", where="https://get.example.com/a?x=1&y=2")
    person.refresh_from_db()

    mails.tell_assigned(person, [world.products[code].pk for code in "AB"], language="sv", now=NOW)

    made = compose(Mail.objects.get(person=person), now=NOW)
    assert made is not None
    html = str(made.alternatives[0].content)
    assert made.extra_headers["Content-Language"] == "ja"
    assert "A & B <i>" in str(made.body)
    assert "https://get.example.com/a?x=1&y=2" in str(made.body)
    assert "A &amp; B &lt;i&gt;" in html
    assert 'href="https://get.example.com/a?x=1&amp;y=2"' in html
    assert "http://127.0.0.1:8000/me" in str(made.body)


@pytest.mark.parametrize("language", ["en", "sv", "fr", "ja"])
def test_a_long_subject_begins_on_the_first_line(world: World, language: str) -> None:
    """The subject is read as it was written, and no line of it is empty or longer than 76 (RFC 2047)."""
    Team.objects.filter(pk=world.flex.pk).update(name="Ångström och 日本語 " * 6)
    member(world)
    queue_for(Person.objects.get(key="mem@example.com"))
    Mail.objects.update(language=language)

    made = compose(Mail.objects.get(), now=NOW)

    assert made is not None
    written = made.message().as_bytes()
    lines = re.search(rb"^Subject:.*(?:\n .*)*", written, re.M)
    assert lines is not None
    assert all(10 < len(line) <= 76 for line in lines[0].decode("ascii").split("\n"))
    assert message_from_bytes(written, policy=policy.default)["Subject"] == made.subject


def test_a_mail_tells_of_a_seat_and_of_a_trial(world: World) -> None:
    """
    It says what, from when until when, and that no tokens are used; what has ended meanwhile is dropped.

    “Demandez aux utilisateurs d'ignorer le message d'expiration de la version d'évaluation. Une fois la période
    d'évaluation terminée, ils commenceront à utiliser des jetons.” [S 003]
    """
    person = member(world)
    for product, kind, end in (("A", Funding.SEAT, None), ("B", Funding.TRIAL, day_of(NOW))):
        seats.give(Command.LINE, world.flex.pk, [person.pk], product, kind, end=end, now=NOW)
    seat, trial = Mail.objects.order_by("pk")

    told = compose(seat, now=NOW)
    assert told is not None
    assert told.subject == "Your seat for Product A"
    assert "you have a seat for Product A, from Jun 1, 2026 (UTC) on. No tokens are used for it meanwhile" in told.body
    assert "trial" not in told.body
    assert "may cost tokens" not in told.body
    tried = compose(trial, now=NOW)
    assert tried is not None
    assert "a trial of Product B, from Jun 1, 2026 until Jun 1, 2026 (UTC). No tokens are used" in tried.body
    assert "Ignore the message of the product that the trial expires" in tried.body
    assert compose(trial, now=Instant(NOW + DAY)) is None
    Mail.objects.filter(pk=trial.pk).update(language="fr")
    french = compose(Mail.objects.get(pk=trial.pk), now=NOW)
    assert french is not None
    assert "Ignorez le message d’expiration de la version d’évaluation" in french.body


def test_a_test_mail_says_what_is_wrong(server: Sink) -> None:
    """Who sets the mail server up sees at once whether mails are taken, and why not."""
    mail.try_out("Ann@example.com", now=NOW)
    assert server.taken[0].recipients == ["ann@example.com"]

    server.answers["RCPT"] = "550 no"
    with pytest.raises(FareboxError, match="RECIPIENT 550"):
        mail.try_out("ann@example.com", now=NOW)
