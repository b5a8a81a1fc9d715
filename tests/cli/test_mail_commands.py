"""`farebox invite` and `farebox mail`: people asked to join, and mails that were not sent."""

from __future__ import annotations

from pathlib import Path

from pytest_django import Settings
from tests.cli.conftest import Run
from tests.mail_sink import sink
from tests.world import START

from farebox.domain.rights import Role
from farebox.records.models import Audit, Invitation, Mail, Membership, Team
from farebox.services import catalogue, mail
from farebox.wallclock import now


def test_from_a_new_team_to_its_first_administrator(run: Run, settings: Settings, tmp_path: Path) -> None:
    """The primary administrator is invited once, listed, resent, withdrawn; each change has its row of the audit."""
    settings.OUTBOX = tmp_path / "outbox"
    run("team", "add", "design", "Design")
    asked = ("invite", "send", "design", "Ann Ek <ann@example.com>", "--role", "primary", "--language", "sv")
    assert run(*asked).stdout.startswith("ann@example.com\tinvited\t")
    assert "invited already" in run(*asked, code=1).stderr
    assert "(no_address)" in run("invite", "send", "design", "Ann", code=1).stderr
    number = str(Invitation.objects.get().pk)
    listed = run("invite", "list", "design").stdout
    assert listed.startswith(f"{number}\tAnn Ek\tann@example.com\tprimary\t")
    assert listed.endswith("\topen\n")

    mail.send_due(now=now())
    assert mail.listed_files()[0].subject == "Inbjudan till Design"
    Invitation.objects.update(sent_us=START)
    assert run("invite", "list", "design").stdout.endswith("\tlapsed\n")
    run("invite", "resend", "design", number)
    run("invite", "withdraw", "design", number)
    assert "not_found" in run("invite", "withdraw", "design", number, code=1).stderr

    assert set(Audit.objects.values_list("verb", "actor")) >= {
        (verb, "command") for verb in ("invited", "invited again", "invitation withdrawn")
    }
    boss = catalogue.add_account("bo@example.com", "correct horse battery", "", roles={}, now=START)
    Membership.objects.create(team=Team.objects.get(), user=boss, role=Role.PRIMARY)
    assert "is handed over" in run(*asked, code=1).stderr


def test_mails_that_fail_are_listed_without_an_address_and_tried_again(
    run: Run, settings: Settings, tmp_path: Path
) -> None:
    """Where nothing is set a test goes into the folder; a server that refuses says why in one word."""
    settings.OUTBOX = tmp_path / "outbox"
    run("team", "add", "design", "Design")
    assert "written into" in run("mail", "test", "ann@example.com").stdout
    assert "invalid_person" in run("mail", "test", "ann", code=1).stderr
    run("invite", "send", "design", "ann@example.com")
    with sink() as server:
        server.answers["RCPT"] = "550 no such user"
        settings.MAIL_HOST, settings.MAIL_PORT, settings.MAIL_SECURITY = "127.0.0.1", server.port, "none"
        assert "RECIPIENT 550" in run("mail", "test", "ann@example.com", code=1).stderr
        mail.send_due(now=now())

        listed = run("mail", "queue").stdout
        assert "INVITATION\tDesign\tFAILED\t1\tRECIPIENT 550" in listed
        assert "0 wait, 0 of them after a failed try; 1 failed" in listed
        assert "ann" not in listed

        server.answers.clear()
        assert "1 mails are tried again" in run("mail", "retry").stdout
        assert mail.send_due(now=now()) == 1
        assert "127.0.0.1 took it" in run("mail", "test", "ann@example.com").stdout
    assert Mail.objects.get().state == "SENT"
