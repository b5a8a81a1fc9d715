"""Signing in with a password and a code, new passwords, and sessions that end in time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import LazySettings
from django.contrib.auth.hashers import check_password, make_password
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from tests.web.signed_in import signed_in
from tests.web.used import PASSWORD, person
from tests.world import NOW, World

from farebox.domain.clock import DAY, HOUR, MINUTE, Instant, instant
from farebox.domain.errors import Busy
from farebox.domain.rights import Role
from farebox.records import audit, hashers, sign_ins
from farebox.records.models import Audit, Mail, PersonalToken, Session, User
from farebox.services import accounts, second_factor, tokens
from farebox.services.mail.letters import compose
from farebox.web.accounts import is_own
from farebox.web.sitting import browser_of

NEW = "quite another long password"
LINK = re.compile(r"http://127\.0\.0\.1:8000(/accounts/password/reset/[^/\s\"]+/)")


@pytest.fixture(autouse=True)
def _fresh_counts() -> Iterator[None]:
    """Forget how often others have tried."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ann(world: World) -> User:
    """Return an administrator."""
    return person("ann@example.com", world, Role.PRIMARY)


def is_in(client: Client) -> bool:
    """Tell whether somebody is signed in."""
    return client.get("/settings").status_code == 200


def attempt(client: Client, login: str, password: str = PASSWORD, **more: str) -> Any:
    """Send the sign-in form."""
    return client.post("/accounts/login/", {"login": login, "password": password, **more})


def code_of(user: User, step: int = 0) -> str:
    """Return what the authenticator app of an account shows now, or some steps later."""
    secret = second_factor.unlock(Authenticator.objects.get(user=user, type="totp").data["secret"])
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()) + step))


def with_app(user: User) -> tuple[Client, list[str]]:
    """Set up an authenticator app for an account; return who did so and the recovery codes."""
    client = signed_in(user)
    page = client.get("/accounts/second-factor/set-up/").content.decode()
    found = re.search(r'class="key">([A-Z2-7 ]+)<', page)
    assert found
    secret = found[1].replace(" ", "")
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    shown = client.post("/accounts/second-factor/set-up/", {"code": code}, follow=True).content.decode()
    assert not second_factor.use(user, code)
    cache.clear()  # the code of this moment may be used once more
    return client, re.findall(r"<li><code>(\d{8})</code>", shown)


def test_passwords_are_argon2id_of_nineteen_megabytes_and_two_at_once() -> None:
    """The parameters are those of quality.md; one that is too long costs nothing; a third at once waits its turn."""
    made = make_password(PASSWORD, hasher=hashers.Argon2id())

    assert made.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert hashers.Argon2id().verify(PASSWORD, made)
    assert not hashers.Argon2id().verify("x" * 257, made)
    with hashers.turn(), hashers.turn(), pytest.raises(Busy), hashers.turn(0.0):
        pass
    with pytest.raises(ValueError, match="256"):
        make_password("å" * 257, hasher=hashers.Argon2id())


def test_an_unknown_address_costs_the_same_work_and_says_the_same(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """One hash is computed and one page comes, for a wrong password, nobody's address, and an account without one."""
    person("bo@example.com")
    User.objects.filter(email="bo@example.com").update(password=make_password(None))
    counted: list[str] = []
    hasher = type(check_password.__globals__["get_hasher"]())
    encode, verify = hasher.encode, hasher.verify
    monkeypatch.setattr(hasher, "encode", lambda self, *rest: (counted.append("one"), encode(self, *rest))[1])
    monkeypatch.setattr(hasher, "verify", lambda self, *rest: (counted.append("one"), verify(self, *rest))[1])
    pages = set()

    for login in ("ann@example.com", "nobody@example.com", "bo@example.com"):
        counted.clear()
        page = attempt(Client(), login, "a wrong password").content.decode().replace(login, "")
        pages.add(page.partition("<main")[2].partition("</form>")[0].partition("redirect")[2])
        assert counted[0] == "one", login
        assert len(set(counted)) == 1
    assert len(pages) == 1
    assert "This address and this password do not belong together." in page


def test_tries_are_counted_by_account_and_by_address(ann: User, settings: LazySettings) -> None:
    """Five wrong passwords shut an account, however it is written; ten shut out an address."""
    settings.ALLOWED_HOSTS = ["*"]
    writings = ["ann@example.com", "ANN@example.com", " Ann@Example.com", "ann@EXAMPLE.com", "aNn@example.com"]
    for nth, login in enumerate(writings):
        client = Client(REMOTE_ADDR=f"198.51.100.{nth}")
        client.post("/accounts/login/", {"login": login, "password": "wrong"}, headers={"host": f"h{nth}.example"})
    shut = attempt(Client(REMOTE_ADDR="198.51.100.77"), "ann@example.com")
    assert "Too many tries" in shut.content.decode()

    cache.clear()
    for nth in range(10):
        attempt(Client(REMOTE_ADDR="198.51.100.5"), f"nobody{nth}@example.com", "wrong")
    assert "Too many tries" in attempt(Client(REMOTE_ADDR="198.51.100.5"), "ann@example.com").content.decode()
    assert attempt(Client(REMOTE_ADDR="198.51.100.6"), "ann@example.com").status_code == 302


def test_x_forwarded_for_counts_only_behind_a_proxy_of_ours(ann: User, settings: LazySettings) -> None:
    """Whoever writes the header themselves is not taken for another; behind one proxy its own entry counts."""
    for nth in range(10):
        attempt(Client(headers={"x-forwarded-for": f"203.0.113.{nth}"}), f"nobody{nth}@example.com", "wrong")
    assert "Too many tries" in attempt(Client(), "ann@example.com").content.decode()

    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    behind = Client(headers={"x-forwarded-for": "203.0.113.1, 203.0.113.99"})
    assert attempt(behind, "ann@example.com").status_code == 302


def test_signing_in_gives_a_new_session_whose_key_is_nowhere_on_record(ann: User) -> None:
    """A session that somebody planted is not the one that is signed in (fixation); the records hold a hash alone."""
    client = Client()
    client.get("/accounts/password/reset/1-x/")
    client.cookies["farebox"] = "planted" * 6
    attempt(client, "ann@example.com", next="/me")
    key = client.cookies["farebox"].value

    assert key != "planted" * 6
    assert len(key) == 43
    row = Session.objects.get(user=ann)
    assert key not in (row.session_key, row.session_data)
    assert len(row.session_key) == 64
    stolen = Client()
    stolen.cookies["farebox"] = row.session_key
    assert not is_in(stolen)
    assert client.cookies["farebox"]["httponly"]
    assert client.cookies["farebox"]["max-age"] == ""


def test_a_session_ends_when_it_idles_and_after_a_day(ann: User) -> None:
    """Eight hours without use end it, and a day ends it whatever was done; use puts the first off, not the second."""
    client = signed_in(ann)
    is_in(client)
    row = Session.objects.get(user=ann)
    assert (row.expire_date - timezone.now()) > timedelta(hours=7, minutes=59)
    Session.objects.update(seen_us=row.seen_us - 2 * HOUR, expire_date=timezone.now() + timedelta(hours=6))
    is_in(client)
    assert (Session.objects.get().expire_date - timezone.now()) > timedelta(hours=7, minutes=59)

    session = client.session
    session["began_us"] = instant(timezone.now()) - DAY + MINUTE
    session.save()
    assert is_in(client)
    assert timezone.now() < Session.objects.get().expire_date <= timezone.now() + timedelta(minutes=1)
    Session.objects.update(expire_date=timezone.now())
    assert not is_in(client)
    sign_ins.forget(now=instant(timezone.now()))
    assert not Session.objects.filter(user=ann).exists()


def test_sessions_are_listed_and_ended(ann: User, world: World) -> None:
    """One sees where one is signed in, ends one or all others, never somebody else's; it stands in one's team's log."""
    ann.memberships.filter(team=world.ent).delete()
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
    here, there, third = Client(headers={"user-agent": firefox}), Client(), Client()
    for client in (here, there, third):
        attempt(client, "ann@example.com")
        client.get("/settings")
    bo = signed_in(person("bo@example.com", world))
    page = here.get("/settings/sessions").content.decode()
    keys = re.findall(r'name="session" value="([0-9a-f]{64})"', page)

    assert "Firefox on Linux" in page
    assert "this one" in page
    assert len(keys) == 2
    assert bo.post("/settings/sessions/end", {"session": keys[0]}).status_code == 404
    here.post("/settings/sessions/end", {"session": keys[0]})
    assert [is_in(here), is_in(there), is_in(third), is_in(bo)].count(True) == 3
    here.post("/settings/sessions/end", {})
    assert [is_in(here), is_in(there), is_in(third), is_in(bo)] == [True, False, False, True]
    assert Audit.objects.filter(verb="sessions.ended", object=f"account {ann.pk}", team=world.flex).count() == 2


def test_an_administrator_ends_a_members_sessions(ann: User, world: World) -> None:
    """Primary and SSO administrators may; a secondary one may not; a member of another team is as unknown as nobody."""
    bo = person("bo@example.com", world)
    member = world.flex.people.create(key="bo@example.com", pseudonym="p1", user=bo, created_us=NOW, member_us=NOW)
    other = world.ent.people.create(key="bo@example.com", pseudonym="p2", user=bo, created_us=NOW, member_us=NOW)
    seen, team = signed_in(bo), str(world.flex.pk)
    sam = signed_in(person("sam@example.com", world, Role.SECONDARY))
    boss = signed_in(ann)

    def end(client: Client, number: int) -> int:
        return client.post(f"/users/by-user/{number}/end-sessions", {"team": team}).status_code

    assert (end(sam, member.pk), end(boss, other.pk), end(boss, 999_999), is_in(seen)) == (403, 404, 404, True)
    assert (end(boss, member.pk), is_in(seen)) == (302, False)


def test_a_password_is_changed_with_the_one_that_there_was(ann: User) -> None:
    """The old password is asked for; then every other session ends, a mail tells of it, and this one goes on."""
    here, there = signed_in(ann), signed_in(ann)
    wrong = here.post("/accounts/password/", {"oldpassword": "not that", "password1": NEW})
    weak = here.post("/accounts/password/", {"oldpassword": PASSWORD, "password1": "short"})
    long = here.post("/accounts/password/", {"oldpassword": PASSWORD, "password1": "x" * 257})
    assert [answer.status_code for answer in (wrong, weak, long)] == [400, 400, 400]
    assert "not the password that you have now" in wrong.content.decode()
    assert is_in(there)

    assert here.post("/accounts/password/", {"oldpassword": PASSWORD, "password1": NEW}).status_code == 302
    assert (is_in(here), is_in(there)) == (True, False)
    assert attempt(Client(), "ann@example.com", NEW).status_code == 302
    assert list(Mail.objects.values_list("kind", "user", "facts__what")) == [
        ("SIGN_IN_CHANGED", ann.pk, "password.changed")
    ]
    letter = compose(Mail.objects.get(), now=NOW)
    assert letter is not None
    for told in (str(letter.body), str(letter.alternatives[0].content)):
        assert "http://127.0.0.1:8000/accounts/password/reset/" in told
        assert "http://127.0.0.1:8000/settings/sessions" in told
    assert Audit.objects.filter(verb="password.changed", actor=f"account {ann.pk}").count() == 1


def mailed_link() -> str:
    """Return the link of the one mail that waits, as it is sent."""
    mail = Mail.objects.get(kind="RESET")
    letter = compose(mail, now=Instant(mail.queued_us))
    assert letter is not None
    found = LINK.search(str(letter.body))
    assert found
    assert letter.to == ["ann@example.com"]
    return found[1]


def test_a_new_password_comes_by_mail_once_for_an_hour(ann: User) -> None:
    """It goes to the address on record, from the configured address; the link works once and ends every session."""
    seen, client = signed_in(ann), Client()
    client.post("/accounts/password/reset/", {"login": "ANN@example.com"}, headers={"host": "localhost"})
    link = mailed_link()
    assert not Mail.objects.filter(facts__icontains="password").exists()
    other = Client()
    other.get(link)

    page = client.get(link, follow=True)
    form = page.redirect_chain[0][0]
    assert link.rpartition("-")[2] not in page.content.decode()
    assert client.post(form, {"password1": "short"}).status_code == 200
    assert client.post(form, {"password1": NEW})["Location"] == "/accounts/login/"
    assert not is_in(seen)
    assert not is_in(client)
    assert "no longer good" in other.post(form, {"password1": "one more long password"}).content.decode()
    assert "no longer good" in Client().get(link).content.decode()
    assert attempt(Client(), "ann@example.com", NEW).status_code == 302
    assert Mail.objects.filter(kind="SIGN_IN_CHANGED").count() == 1


def test_a_new_password_opens_what_was_shut(ann: User) -> None:
    """Set in a browser that is signed in, it signs that one out too; it counts at once, after five wrong tries."""
    client = signed_in(ann)
    for _ in range(5):
        attempt(Client(), "ann@example.com", "wrong")
    assert "Too many tries" in attempt(Client(), "ann@example.com").content.decode()
    ann.refresh_from_db()
    form = client.get(sign_ins.reset_path(ann), follow=True).redirect_chain[0][0]

    page = client.post(form, {"password1": NEW}, follow=True)

    assert page.redirect_chain == [("/accounts/login/", 302)]
    assert "Your new password is set." in page.content.decode()
    assert not is_in(client)
    assert attempt(Client(), "ann@example.com", NEW).status_code == 302


def test_links_that_are_old_or_forged_are_no_longer_good(ann: User, settings: LazySettings) -> None:
    """After an hour, for another account, or changed by a sign: the same page."""
    eve = person("eve@example.com")
    link = sign_ins.reset_path(ann)
    forged = link.replace(
        link.split("/")[-2].partition("-")[0], sign_ins.reset_path(eve).split("/")[-2].partition("-")[0]
    )
    settings.PASSWORD_RESET_TIMEOUT = -1
    pages = {Client().get(one).content.decode().partition("<main")[2] for one in (link, forged, link[:-2] + "0/")}
    assert len(pages) == 1
    assert "no longer good" in pages.pop()


def test_asking_for_a_new_password_tells_nothing(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any address gets the same answer and a row of the audit, up to a number; only an account in force gets a mail."""
    User.objects.filter(pk=person("gone@example.com").pk).update(is_active=False)
    pages = set()
    for login in ("ann@example.com", "nobody@example.com", "gone@example.com"):
        rows = Audit.objects.count()
        page = Client().post("/accounts/password/reset/", {"login": login}).content.decode()
        pages.add(page.partition("<main")[2].replace(login, ""))
        assert Audit.objects.count() == rows + 1
    assert len(pages) == 1
    assert Mail.objects.count() == 1
    assert Client().post("/accounts/password/reset/", {"login": "nonsense"}).status_code == 400
    for _ in range(5):
        limited = Client().post("/accounts/password/reset/", {"login": "ann@example.com"})
    assert limited.status_code == 429
    monkeypatch.setattr(audit, "OFTEN", 2)
    for nth in range(2):
        Client().post("/accounts/password/reset/", {"login": f"nobody{nth}@example.com"})
    asked = Audit.objects.filter(verb__startswith="password.reset_asked", actor="nobody", object="nobody")
    assert [one.verb.rpartition(".")[2] for one in asked.order_by("pk")] == ["reset_asked", "reset_asked", "more"]


def test_the_code_of_an_app_is_asked_for_after_the_password(ann: User) -> None:
    """With an app set up the password alone opens nothing; a code works once, a recovery code as well."""
    _, recovery = with_app(ann)
    kept = Authenticator.objects.get(user=ann, type="totp").data["secret"]
    client = Client()
    assert attempt(client, "ann@example.com", next="/me")["Location"] == "/accounts/login/code/"
    assert not is_in(client)
    wrong = client.post("/accounts/login/code/", {"code": "000000"})
    code = code_of(ann)
    right = client.post("/accounts/login/code/", {"code": code})
    again, recovered = Client(), Client()
    attempt(again, "ann@example.com")
    attempt(recovered, "ann@example.com")

    assert re.fullmatch("[A-Z2-7]{32}", kept) is None
    assert len(recovery) == 10
    assert "not the code" in wrong.content.decode()
    assert right["Location"] == "/me"
    assert is_in(client)
    again.post("/accounts/login/code/", {"code": code})
    assert not is_in(again)
    recovered.post("/accounts/login/code/", {"code": recovery[0]})
    assert is_in(recovered)
    once_more = Client()
    attempt(once_more, "ann@example.com")
    once_more.post("/accounts/login/code/", {"code": recovery[0]})
    assert not is_in(once_more)


def test_a_second_factor_is_set_up_and_removed_after_a_fresh_sign_in(ann: User) -> None:
    """Whoever finds an open screen changes nothing; both are written down and mailed; a code proves who one is too."""
    client, _ = with_app(ann)
    session = client.session
    session["account_authentication_methods"] = []
    session.save()
    asked = client.post("/accounts/second-factor/remove/")
    proven = client.post("/accounts/again/code/", {"code": code_of(ann), "next": "/accounts/second-factor/remove/"})

    assert asked["Location"].startswith("/accounts/again/")
    assert proven["Location"] == "/accounts/second-factor/remove/"
    assert client.post("/accounts/second-factor/remove/").status_code == 302
    assert Authenticator.objects.count() == 0
    verbs = ["second_factor.set", "second_factor.removed"]
    assert list(Audit.objects.filter(verb__startswith="second").order_by("pk").values_list("verb", flat=True)) == verbs
    assert list(Mail.objects.order_by("pk").values_list("facts__what", flat=True)) == verbs


def test_a_password_alone_does_not_take_the_second_factor_away(ann: User) -> None:
    """Removing it, its recovery codes and new ones ask for a code of the last minutes, however fresh the password."""
    client, recovery = with_app(ann)
    session = client.session
    session["account_authentication_methods"] = []
    session.save()
    assert client.post("/accounts/again/", {"password": PASSWORD})["Location"] == "/"

    for place in ("remove/", "codes/", "codes/new/"):
        path = f"/accounts/second-factor/{place}"
        for answer in (client.get(path), client.post(path)):
            assert answer["Location"] == f"/accounts/again/code/?next={path.replace('/', '%2F')}"
    assert Authenticator.objects.filter(user=ann, type="totp").exists()
    client.post("/accounts/again/code/", {"code": recovery[0]})
    assert client.get("/accounts/second-factor/codes/").status_code == 200
    assert client.post("/accounts/second-factor/remove/").status_code == 302
    assert not Authenticator.objects.exists()


@pytest.mark.usefixtures("_warehouse")
def test_administrators_need_a_second_factor_where_the_installation_says_so(
    ann: User, world: World, settings: LazySettings
) -> None:
    """They see no page of a team before they have one; other people see theirs; the way to set it up stays open."""
    settings.ADMIN_TOTP = "required"
    boss, bo = signed_in(ann), signed_in(person("bo@example.com", world))
    for path in ("/", "/reporting/token-usage", "/users/by-user", "/settings/tokens", "/no-such-page"):
        answer = boss.get(path)
        assert path == "/no-such-page" or answer["Location"].startswith("/accounts/second-factor/set-up/"), path
    assert [boss.get(path).status_code for path in ("/settings", "/me", "/accounts/second-factor/set-up/")] == [200] * 3
    assert bo.get("/me").status_code == 200
    cache.clear()
    through, _ = with_app(ann)
    assert through.get("/").status_code == 200


OWN = ("/", "/me", "/settings?team=1", "/reporting/token-usage?range=30d&contract=1")
ELSEWHERE = (
    "//evil.example.com",
    "///evil.example.com",
    "/\\evil.example.com",
    "\\\\evil.example.com",
    "https://evil.example.com",
    "http:evil.example.com",
    "https:///evil.example.com",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\t/evil.example.com",
    "/\n/evil.example.com",
    " //evil.example.com",
    "\x01//evil.example.com",
    "/%0d%0aLocation:x\r\nSet-Cookie:x",
    "evil.example.com",
    "http://testserver@evil.example.com/",
    "http://testserver.evil.example.com/",
    "//testserver:80@evil.example.com",
    "/\u2028/evil",
)
"""What browsers have read as another site."""


@pytest.mark.django_db
def test_nobody_is_sent_elsewhere_after_signing_in(ann: User) -> None:
    """A `next` that leads to another site, or is read so by some browser, leads home instead (quality)."""
    assert all(map(is_own, OWN))
    assert not any(map(is_own, ELSEWHERE))
    for target in (ELSEWHERE[0], ELSEWHERE[2], ELSEWHERE[4], ELSEWHERE[9]):
        cache.clear()
        assert attempt(Client(), "ann@example.com", next=target)["Location"] == "/"
    assert (
        signed_in(ann).post("/accounts/again/", {"password": PASSWORD, "next": "//evil.example.com"})["Location"] == "/"
    )


def test_a_disabled_account_has_nothing_left(ann: User) -> None:
    """Its sessions, personal tokens and grants end at once; enabled again it signs in, and those stay ended."""
    client = signed_in(ann)
    _, secret = tokens.make(ann, name="script", days=1, now=instant(timezone.now()))
    accounts.disable("ann@example.com", now=instant(timezone.now()))

    assert not is_in(client)
    assert attempt(Client(), "ann@example.com")["Location"] == "/accounts/inactive/"
    assert PersonalToken.objects.get().revoked_us is not None
    assert Session.objects.filter(user=ann).count() == 0
    accounts.enable("ann@example.com", now=instant(timezone.now()))
    assert tokens.bearer(secret, now=instant(timezone.now())) is None
    assert attempt(Client(), "ann@example.com").status_code == 302


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/17 Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) CriOS/130 Mobile Safari/604.1", "Chrome on iPhone"),
        ("curl/8.0 <script>", ""),
    ],
)
def test_a_browser_is_named_roughly(agent: str, said: str) -> None:
    """The name says which window it may be, and nothing that the program could have written there itself."""
    assert browser_of(agent) == said


def test_forms_of_other_sites_do_nothing(ann: User) -> None:
    """Without the token of our own page nobody is signed in, out, or sent to a provider; no page stands in a frame."""
    strict = Client(enforce_csrf_checks=True)
    login = {"login": "ann@example.com", "password": PASSWORD}
    paths = ("/accounts/login/", "/accounts/login/provider/", "/accounts/password/reset/", "/accounts/login/code/")
    assert [strict.post(path, login).status_code for path in paths] == [403] * len(paths)
    strict.force_login(ann)
    for path in ("/accounts/logout/", "/accounts/password/", "/settings/sessions/end", "/settings/single-sign-on"):
        assert strict.post(path, {"session": "x"}).status_code == 403, path
    assert is_in(strict)
    for path in ("/accounts/login/", "/accounts/password/", "/settings/sessions"):
        answer = strict.get(path)
        assert answer["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert "no-store" in answer["Cache-Control"]
