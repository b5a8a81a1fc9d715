"""The page of an invitation: what it shows to whom, and what accepting does (product B2, quality: e-mail identity)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings
from tests.mail_sink import sink
from tests.web.used import Served
from tests.web.visits import Visit, barriers
from tests.world import START, World

from farebox.domain.clock import DAY, MINUTE, Instant
from farebox.domain.rights import Role
from farebox.records.models import Audit, Invitation, Mail, Membership, Person, User
from farebox.services import catalogue, invite, mail
from farebox.wallclock import now

PASSWORD = "correct horse battery"
NEW = {"name": "Ann Ek", "password": PASSWORD}


@pytest.fixture(autouse=True)
def _untried() -> Iterator[None]:
    """Begin with nothing counted against anybody."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    """Have mails written among the test's own files."""
    settings.OUTBOX = tmp_path / "outbox"
    return tmp_path / "outbox"


def invited(world: World, person: str = "Ann Ek <ann@example.com>", role: Role = Role.USER) -> str:
    """Invite somebody, have the mail written, and return the path of its link."""
    at = now()
    invite.invite(
        invite.Command.LINE, world.flex.pk, person, products=[world.products["A"].pk], role=role, language="en", now=at
    )
    while mail.send_due(now=at):
        pass  # a few at a time
    address = Invitation.objects.latest("pk").person.key
    written = next(file for file in mail.listed_files() if file.to == address)
    text = mail.filed(written.name).text
    return next(line for line in text.splitlines() if "/accounts/invitation/" in line).removeprefix(configured.BASE_URL)


def account(address: str) -> User:
    """Make an account without a role."""
    return catalogue.add_account(address, PASSWORD, "Some One", roles={}, now=START)


def test_from_a_mail_to_a_session(world: World, folder: Path) -> None:
    """Looking changes nothing, however often; accepting signs in, in a session with another id (session fixation)."""
    link, client = invited(world), Client()
    before = [list(model.objects.values()) for model in (Invitation, Person, User, Audit)]
    for _ in range(2):
        shown = client.get(link).content.decode()
        client.head(link)
    assert before == [list(model.objects.values()) for model in (Invitation, Person, User, Audit)]
    assert "Product A" in shown
    assert "ann@example.com" in shown
    client.session.save()
    client.cookies[configured.SESSION_COOKIE_NAME] = planted = client.session.session_key or ""

    refused = client.post(link, {"name": "", "password": "short"})
    assert refused.status_code == 400
    assert "Give your name." in refused.content.decode()
    assert "too short" in refused.content.decode()
    long = client.post(link, {"name": "Ann Ek", "password": "long enough " * 22})
    assert (long.status_code, "at most 256 characters" in long.content.decode()) == (400, True)
    assert not User.objects.exists()
    answer = client.post(link, NEW)

    assert (answer.status_code, answer["Location"]) == (302, "/me")
    user = User.objects.get()
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.cookies[configured.SESSION_COOKIE_NAME].value != planted
    assert Membership.objects.get(user=user).role == Role.USER
    assert Audit.objects.filter(verb="sign_in.done", team=world.flex, object=f"account {user.pk}").count() == 1
    assert client.get(link).status_code == 410
    for again in (Client().get(link), Client().post(link, NEW)):
        assert again.status_code == 410
        assert "ann@example.com" not in again.content.decode()


def test_what_is_no_good_says_what_to_do_and_nothing_else(
    world: World, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An unknown link is 404, one that is over 410; the words are the same, and no log holds a link."""
    link, other = invited(world), invited(world, "bo@example.com")
    Invitation.objects.filter(person__key="bo@example.com").update(sent_us=now() - 7 * DAY)
    with caplog.at_level(logging.DEBUG):
        unknown, lapsed = Client().get(f"{link}x"), Client().get(other)
        posted = Client().post(other, NEW)
        Client().delete(link)
        Client(enforce_csrf_checks=True).post(link, NEW)

    assert [one.status_code for one in (unknown, lapsed, posted)] == [404, 410, 410]
    assert len({one.content.partition(b"<main")[2] for one in (unknown, lapsed, posted)}) == 1
    assert "send the invitation again" in unknown.content.decode()
    assert not User.objects.exists()
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert "/accounts/invitation/…" in said
    assert not any(one.rpartition("-")[2] in said for one in (link, other))


def test_who_has_an_account_signs_in_and_accepts(world: World, folder: Path) -> None:
    """A password on the page of an invitation opens no account that exists; another account is told so."""
    ann, eve = account("ann@example.com"), account("eve@example.com")
    link, client = invited(world), Client()
    page = client.get(link).content.decode()
    assert f"/accounts/login/?next={link.replace('/', '%2F')}" in page
    assert 'name="password"' not in page
    client.post(link, {"name": "Eve", "password": "another password entirely"})
    assert "_auth_user_id" not in client.session

    client.force_login(eve)
    assert "Sign out, and open the link again." in client.get(link).content.decode()
    assert client.post(link).status_code == 403
    signed_out = client.post("/accounts/logout/", {"next": link})
    assert signed_out["Location"] == link

    signed_in = client.post("/accounts/login/", {"login": "ann@example.com", "password": PASSWORD, "next": link})
    assert signed_in["Location"] == link
    assert "You are signed in as ann@example.com." in client.get(link).content.decode()
    assert client.post(link).status_code == 302
    assert Membership.objects.get(user=ann).team_id == world.flex.pk
    assert ann.check_password(PASSWORD)


def test_links_come_from_the_settings_and_tries_are_counted(world: World, settings: Settings, folder: Path) -> None:
    """A forged Host gets into no link; who tries again and again is told to wait, and a right answer waits as well."""
    settings.ALLOWED_HOSTS = ["*"]
    boss = account("boss@example.com")
    Membership.objects.create(team=world.flex, user=boss, role=Role.PRIMARY)
    link = invited(world)
    Client().get(link, headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
    with sink() as server:
        settings.MAIL_HOST, settings.MAIL_PORT, settings.MAIL_SECURITY = "127.0.0.1", server.port, "none"
        (pending,) = invite.pending(boss, world.flex.pk, now=now())
        at = Instant(now() + MINUTE)
        invite.resend(boss, world.flex.pk, pending.id, now=at)
        mail.send_due(now=at)
        (taken,) = server.taken
    assert "evil" not in taken.written.decode()
    assert f"{settings.BASE_URL}/accounts/invitation/" in taken.part("html")

    fresh = taken.part("plain").partition(settings.BASE_URL)[2].partition("\n")[0].strip()
    codes = {Client().post(fresh, {"name": "Ann", "password": "x"}).status_code for _ in range(20)}
    assert codes == {400}
    assert Client().post(fresh, NEW).status_code == 429
    assert not User.objects.filter(email="ann@example.com").exists()


def test_mails_are_seen_by_who_may(world: World, settings: Settings, folder: Path) -> None:
    """Operators see what waits and the folder; in the demo every administrator sees it; nobody else learns of it."""
    invited(world)
    (file,) = mail.listed_files()
    operator, admin, person = (account(f"{name}@example.com") for name in ("op", "adm", "usr"))
    User.objects.filter(pk=operator.pk).update(is_operator=True)
    Membership.objects.create(team=world.flex, user=admin, role=Role.SECONDARY)
    Membership.objects.create(team=world.flex, user=person, role=Role.USER)
    clients = {}
    for user in (operator, admin, person):
        clients[user.pk] = Client()
        clients[user.pk].force_login(user)

    def seen(path: str) -> list[int]:
        return [clients[user.pk].get(path).status_code for user in (operator, admin, person)]

    assert seen("/operator/outbox") == seen(f"/operator/outbox/{file.name}") == [200, 404, 404]
    assert seen("/demo/outbox") == [404, 404, 403]
    settings.DEMO = True
    assert seen("/demo/outbox") == seen(f"/demo/outbox/{file.name}") == [404, 200, 403]
    assert seen("/demo/outbox/..%2F..%2Fsecret.key")[1] == 404
    shown = clients[operator.pk].get(f"/operator/outbox/{file.name}").content.decode()
    assert "&lt;h1&gt;Invitation to Flex team&lt;/h1&gt;" in shown
    Mail.objects.update(state="FAILED", trouble="RECIPIENT", code=550)
    listed = clients[operator.pk].get("/operator/outbox").content.decode()
    assert "the mail server refuses the recipient (550)" in listed
    assert clients[operator.pk].post("/operator/outbox/retry").status_code == 302
    assert Mail.objects.get().state == "WAITING"


def test_the_pages_have_no_barriers(
    world: World, folder: Path, served: Served, settings: Settings, visits: Callable[..., Visit]
) -> None:
    """
    In a browser: a password may be looked at, accepting signs in; axe finds nothing, and nothing is too wide.

    A page of another site cannot show the page in a frame, and its form cannot accept (clickjacking, CSRF).
    """
    link = invited(world, "Nia New <nia@example.com>", Role.SECONDARY)
    narrow = {"width": 390, "height": 844}
    visit = visits(signed_in=False, viewport=narrow)
    page = visit.open(link)
    password = page.get_by_label("Password", exact=True)
    password.fill("short")
    page.get_by_role("button", name="Show the password").click()
    assert password.get_attribute("type") == "text"
    assert barriers(page) == []
    page.get_by_role("button", name="Accept and sign in").click()
    page.get_by_text("too short").wait_for()
    assert barriers(page) == []
    evil = visit.context.new_page()
    evil.set_content(f'<form method="post" action="{served.address}{link}"><input name="name" value="E"><button>x')
    evil.get_by_role("button").click()
    assert "CSRF" in evil.content()
    evil.set_content(f'<iframe src="{served.address}{link}"></iframe>')
    assert not any("invitation" in frame.content() for frame in evil.frames[1:])
    over = visit.context.new_page()
    over.goto(f"{served.address}{link}x")
    assert barriers(over) == []
    assert not User.objects.filter(email="nia@example.com").exists()
    password.fill(PASSWORD)
    page.get_by_role("button", name="Accept and sign in").click()
    page.get_by_text("Welcome to Flex team.").wait_for()
    assert User.objects.get(email="nia@example.com").name == "Nia New"

    settings.DEMO = True
    Mail.objects.filter(pk=Mail.objects.latest("pk").pk).update(state="WAITING", trouble="REFUSED", code=451)
    visit = visits(viewport=narrow, color_scheme="dark", locale="fr-FR")
    for path in ("/demo/outbox", f"/demo/outbox/{mail.listed_files()[0].name}", "/operator/outbox"):
        User.objects.filter(pk=served.used.ann.pk).update(is_operator=path.startswith("/operator"))
        page = visit.open(path)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= narrow["width"]
        assert barriers(page) == []
