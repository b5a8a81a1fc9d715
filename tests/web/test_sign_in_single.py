"""Signing in through a team's identity provider: whom it vouches for, and every lie that is not believed."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import LazySettings
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from structlog.testing import capture_logs
from tests.web.oidc_stub import CLIENT, SECRET, Claims, OidcStub, ec_key, provider, public, rsa_key, signed
from tests.web.signed_in import signed_in
from tests.web.test_sign_in import code_of, with_app
from tests.web.used import PASSWORD, person
from tests.world import NOW, World

from farebox.domain.rights import Role
from farebox.records import audit, locked
from farebox.records.models import Audit, Mail, Membership, Person, SsoConnection, SsoDomain, Team, User
from farebox.records.sign_ins import reset_path
from farebox.services import accounts, catalogue, single_sign_on
from farebox.services.single_sign_on.provider import cached

ADDRESS = re.compile(r'http-equiv="refresh" content="0; url=([^"]+)"')


@pytest.fixture
def stub(settings: LazySettings) -> Iterator[OidcStub]:
    """Run a provider on loopback, where one is allowed for once."""
    settings.SSO_ALLOW_PRIVATE = True
    settings.BASE_URL = "http://testserver"
    settings.ALLOWED_HOSTS = ["testserver", "evil.example.com"]
    cache.clear()
    with provider() as running:
        yield running


@pytest.fixture
def flex(world: World, stub: OidcStub) -> SsoConnection:
    """Connect the Flex team to it, with a domain that is proven."""
    return connected(world.flex, stub)


def connected(team: Team, stub: OidcStub, domain: str = "example.com") -> SsoConnection:
    """Connect a team to a provider."""
    SsoDomain.objects.create(team=team, domain=domain, challenge="x", created_us=NOW, proven_us=NOW, checked_us=NOW)
    return SsoConnection.objects.create(
        team=team,
        key=f"key-{team.pk}",
        name="Example AB",
        issuer=stub.issuer,
        client_id=CLIENT,
        secret=locked.lock(SECRET, locked.SINGLE_SIGN_ON),
        created_us=NOW,
    )


def go(client: Client, stub: OidcStub, login: str = "ann@example.com", *, path: str = "login", **more: str) -> str:
    """Go to the provider and through it; return where it sends the browser."""
    page = client.post(f"/accounts/{path}/provider/", {"login": login, **more}).content.decode()
    found = ADDRESS.search(page)
    assert found, page
    return stub.authorize(urlsplit(html.unescape(found[1])).query)


def come(client: Client, stub: OidcStub, login: str = "ann@example.com", **more: str) -> Any:
    """Sign in through the provider."""
    return back(client, go(client, stub, login, **more))


def back(client: Client, address: str) -> Any:
    """Come back from the provider."""
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}", headers={"host": parts.netloc})


def bare(answer: HttpResponse) -> str:
    """Return what a page says, without the menus around it."""
    return answer.content.decode().partition("<main")[2]


def is_in(client: Client) -> bool:
    """Tell whether somebody is signed in."""
    return client.get("/settings").status_code == 200


def test_an_imported_person_comes_in_and_is_linked_by_subject(
    world: World, flex: SsoConnection, stub: OidcStub
) -> None:
    """The first time the verified address counts, later the subject alone, whatever address the provider tells then."""
    catalogue.add_person(world.flex, "ann@example.com", "Ann Example", now=NOW)
    client = Client()

    first = come(client, stub, next="/me")
    user = User.objects.get()
    stub.person |= {"email": "eve@elsewhere.example", "email_verified": False}
    again = Client()
    second = come(again, stub)

    assert (first.status_code, first["Location"]) == (302, "/me")
    assert second.status_code == 302
    assert is_in(client)
    assert is_in(again)
    assert User.objects.count() == 1
    assert (user.email, user.name, user.has_usable_password()) == ("ann@example.com", "Ann Example", False)
    assert Membership.objects.get(user=user).role == Role.USER
    assert Person.objects.get().user_id == user.pk
    link = SocialAccount.objects.get()
    assert (link.provider, link.uid, link.extra_data) == (flex.key, "subject-1", {})
    assert list(Mail.objects.values_list("kind", "facts__what")) == [("SIGN_IN_CHANGED", "sso.linked")]
    assert {"sso.linked", "sso.joined"} <= set(Audit.objects.values_list("verb", flat=True))


def test_nobody_is_let_in_who_does_not_belong(
    world: World, flex: SsoConnection, stub: OidcStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an invitation, with an address that is not verified or of another domain; who tries on fills no log."""
    ann = person("ann@example.com", world)
    person("cy@example.com")
    catalogue.add_person(world.flex, "left@example.com", "Left", now=NOW)
    Person.objects.filter(key="left@example.com").update(left_us=NOW)
    told: list[tuple[Claims, str]] = [
        ({"email": "ann@example.com", "email_verified": False}, "did not tell a verified"),
        ({"email": "ann@example.com", "email_verified": "false"}, "did not tell a verified"),
        ({"email": "", "email_verified": True}, "did not tell a verified"),
        ({"email": "аnn@example.com", "email_verified": True}, "did not tell a verified"),
        ({"email": "ann@other.example", "email_verified": True}, "is not proven"),
        ({"email": "ann@sub.example.com", "email_verified": True}, "is not proven"),
        ({"email": "cy@example.com", "email_verified": True}, "nobody has invited you"),
        ({"email": "left@example.com", "email_verified": True}, "nobody has invited you"),
    ]
    for claims, words in told:
        client = Client()
        stub.person = {"sub": f"subject of {claims['email']}", **claims}
        stub.userinfo = {"sub": stub.person["sub"]}
        answer = come(client, stub)
        assert (answer.status_code, words in answer.content.decode()) == (403, True), claims
        assert not is_in(client)
    assert SocialAccount.objects.count() == 0
    refusals = Audit.objects.filter(verb="sso.refused", team=world.flex)
    assert set(refusals.values_list("actor", "object")) == {("nobody", f"team {world.flex.pk}")}
    assert refusals.count() == len(told)
    monkeypatch.setattr(audit, "OFTEN", len(told))
    for _ in range(2):
        come(Client(), stub)
    assert Audit.objects.filter(verb__startswith="sso.refused").count() == len(told) + 1

    stub.person = {"sub": "one", "email": ann.email, "email_verified": True}
    assert come(Client(), stub).status_code == 302
    stub.person["sub"] = "another"
    assert "belongs to this account already" in come(Client(), stub).content.decode()
    User.objects.filter(pk=ann.pk).update(is_active=False)
    stub.person["sub"] = "one"
    assert "is disabled" in come(Client(), stub).content.decode()


def test_a_team_that_lets_everybody_join(world: World, flex: SsoConnection, stub: OidcStub) -> None:
    """Whom the provider vouches for becomes a user; who was removed does not come back that way."""
    SsoConnection.objects.update(joins=True)
    catalogue.add_person(world.flex, "left@example.com", "Left", now=NOW)
    Person.objects.filter(key="left@example.com").update(left_us=NOW)

    assert come(Client(), stub).status_code == 302
    stub.person |= {"sub": "other", "email": "left@example.com"}
    assert come(Client(), stub).status_code == 403
    assert list(Membership.objects.values_list("user__email", "team__slug", "role")) == [
        ("ann@example.com", "flex", "USER")
    ]


def test_a_domain_that_is_lost_lets_nobody_in(world: World, flex: SsoConnection, stub: OidcStub) -> None:
    """A link is worth nothing once the domain of the account is no longer proven for that team."""
    person("ann@example.com", world)
    assert come(Client(), stub).status_code == 302
    address = go(Client(), stub)

    client = Client()
    address = go(client, stub)
    SsoDomain.objects.update(proven_us=None)

    assert back(client, address).status_code == 403
    assert client.post("/accounts/login/provider/", {"login": "ann@example.com"})["Location"] == "/accounts/login/"


def _of(key: Any, algorithm: str, kid: str | None = "one", **more: Any) -> Callable[[Claims], object]:
    headers = {"kid": kid} if kid else {}
    return lambda claims: jwt.encode({**claims, **more}, key, algorithm=algorithm, headers=headers)


def _confused(claims: Claims) -> object:
    """Sign with the provider's public key as if it were a shared secret."""
    pem = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    shared = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    body = jwt.encode(claims, "x" * 32, algorithm="HS256", headers={"kid": "one"}).rpartition(".")[0]
    return f"{body}.{jwt.utils.base64url_encode(shared.sign(body.encode(), pem)).decode()}"


def _changed(claims: Claims) -> object:
    """Change a token after it was signed."""
    head, _, mark = signed(claims).split(".")
    return f"{head}.{signed({**claims, 'sub': 'other'}).split('.')[1]}.{mark}"


def _with(**more: Any) -> Callable[[Claims], object]:
    return lambda claims: signed({**claims, **more})


def _without(name: str) -> Callable[[Claims], object]:
    return lambda claims: signed({key: value for key, value in claims.items() if key != name})


LIES: dict[str, Callable[[Claims], object]] = {
    "alg none": lambda claims: jwt.encode(claims, None, algorithm="none", headers={"kid": "one"}),
    "HS256 with the public key": _confused,
    "HS256 with the client secret": _of(SECRET * 2, "HS256"),
    "RS512": _of(rsa_key(), "RS512"),
    "another key": _of(rsa_key(1), "RS256"),
    "an unknown key": _of(rsa_key(1), "RS256", "nobody's"),
    "no key named, of two": _of(rsa_key(), "RS384", None),
    "the key of another algorithm": _of(ec_key(), "ES256", "one"),
    "changed afterwards": _changed,
    "unknown crit": lambda claims: jwt.encode(claims, rsa_key(), "RS256", headers={"kid": "one", "crit": ["x"]}),
    "another nonce": _with(nonce="another"),
    "no nonce": _without("nonce"),
    "another audience": _with(aud="another"),
    "an audience among others without azp": _with(aud=[CLIENT, "another"]),
    "another authorised party": _with(azp="another"),
    "another issuer": _with(iss="https://login.example.com"),
    "expired": lambda claims: signed({**claims, "exp": int(time.time()) - 1}),
    "no end": _without("exp"),
    "issued in the future": lambda claims: signed({**claims, "iat": int(time.time()) + 600}),
    "no subject": _with(sub=""),
    "a subject that is no text": _without("sub"),
    "a subject that is too long": _with(sub="x" * 192),
    "9 KB": _with(more="x" * 9000),
    "no token": lambda claims: None,
    "no token but a number": lambda claims: 7,
    "not a token": lambda claims: "a.b.c",
}


def test_a_lie_signs_nobody_in(world: World, flex: SsoConnection, stub: OidcStub) -> None:
    """Each token that is not the provider's word for this sign-in gives the same page and no session (quality)."""
    person("ann@example.com", world)
    pages = set()
    for name, sign in LIES.items():
        client = Client()
        stub.sign = sign
        answer = come(client, stub)
        assert answer.status_code == 502, name
        assert not is_in(client), name
        pages.add(bare(answer))
    assert SocialAccount.objects.count() == 0
    assert len(pages) == 1

    stub.sign = _of(ec_key(), "ES256", "two")
    assert come(Client(), stub).status_code == 302


def test_a_callback_that_was_not_asked_for_signs_nobody_in(world: World, flex: SsoConnection, stub: OidcStub) -> None:
    """Another browser's, a repeated, a forged or a cancelled answer does nothing; nor does another team's."""
    person("ann@example.com", world)
    client = Client()
    address = go(client, stub)
    parts = urlsplit(address)

    assert back(Client(), address).status_code == 400
    assert client.get(f"{parts.path}?code=x&state=forged").status_code == 400
    unknown, other = f"/accounts/sso/999/callback?{parts.query}", f"/accounts/sso/{world.ent.pk}/callback?{parts.query}"
    assert bare(client.get(unknown)) == bare(client.get(other))
    assert back(client, address).status_code == 302
    assert back(client, address).status_code == 400
    mixed = Client()
    assert back(mixed, go(mixed, stub).replace("iss=http", "iss=https")).status_code == 502
    denied = Client()
    state = re.search("state=([^&]+)", go(denied, stub))
    assert state
    assert denied.get(f"{parts.path}?error=access_denied&state={state[1]}").status_code == 502
    assert not is_in(denied)


def test_a_provider_that_is_down_is_said_to_be(world: World, flex: SsoConnection, stub: OidcStub) -> None:
    """A clear page, and nobody else is touched; a provider that names odd places is no better, and the log says why."""
    person("ann@example.com", world)
    odd: list[tuple[Claims, str]] = [
        ({"issuer": "https://other.example"}, "the"),
        ({"token_endpoint": 7}, "its"),
        ({"jwks_uri": "file:///etc/passwd"}, "its"),
    ]
    for about, why in odd:
        cache.clear()
        stub.about = about
        with capture_logs() as logged:
            page = Client().post("/accounts/login/provider/", {"login": "ann@example.com"})
        assert (page.status_code, "Example AB did not answer" in page.content.decode()) == (502, True)
        (line,) = logged
        assert (line["team"], str(line["reason"]).partition(" ")[0]) == (world.flex.pk, why)
    SsoConnection.objects.update(issuer="http://127.0.0.1:9")
    assert Client().post("/accounts/login/provider/", {"login": "ann@example.com"}).status_code == 502
    assert Client().get("/accounts/login/").status_code == 200


def test_keys_are_asked_for_again_at_most_once_a_minute(world: World, flex: SsoConnection, stub: OidcStub) -> None:
    """Tokens that name unknown keys do not make us ask again and again; a key that came meanwhile is found."""
    person("ann@example.com", world)
    assert come(Client(), stub).status_code == 302
    stub.sign = _of(rsa_key(1), "RS256", "new")
    for _ in range(3):
        assert come(Client(), stub).status_code == 502
    assert stub.asked.count("/jwks") == 1

    stub.keys = [public(rsa_key(1), "new", "RS256")]
    cache.delete(cached("asked", stub.issuer))
    assert come(Client(), stub).status_code == 302
    assert stub.asked.count("/jwks") == 2


def test_the_address_may_come_from_userinfo_of_the_same_subject(
    world: World, flex: SsoConnection, stub: OidcStub
) -> None:
    """Some providers keep the address out of their tokens; what they say of another subject counts for nothing."""
    person("ann@example.com", world)
    stub.person = {"sub": "one"}
    stub.userinfo = {"sub": "two", "email": "ann@example.com", "email_verified": True}
    assert come(Client(), stub).status_code == 502
    stub.userinfo["sub"] = "one"
    assert come(Client(), stub).status_code == 302


def test_what_is_sent_to_the_provider(world: World, flex: SsoConnection, stub: OidcStub) -> None:
    """PKCE, a nonce and a state go along; nothing of the address of the page or of the Host header does."""
    query = "?auth_params=prompt%3Dnone%26nonce%3Dmine&scope=everything&process=connect&next=https://evil.example.com/"
    page = Client().post(
        f"/accounts/login/provider/{query}", {"login": "ann@example.com"}, headers={"host": "evil.example.com"}
    )
    found = ADDRESS.search(page.content.decode())
    assert found
    address = html.unescape(found[1])

    assert "code_challenge_method=S256" in address
    assert "evil" not in address
    assert "mine" not in address
    assert "everything" not in address
    assert re.search("nonce=[^&]{43}", address)
    assert f"redirect_uri=http%3A%2F%2Ftestserver%2Faccounts%2Fsso%2F{world.flex.pk}%2Fcallback" in address


def test_proving_again_who_one_is_with_the_provider(world: World, flex: SsoConnection, stub: OidcStub) -> None:
    """
    Who came through the provider proves it there again; another who comes back changes nothing.

    Asked with `max_age`, the provider has to say when they proved it (OpenID Connect: `auth_time`).
    """
    ann = person("ann@example.com", world, Role.PRIMARY)
    person("bo@example.com", world)
    SsoConnection.objects.update(enforced=True, tested_us=NOW)
    client = Client()
    assert come(client, stub).status_code == 302
    records = client.session["account_authentication_methods"]
    session = client.session
    session["account_authentication_methods"] = [{**one, "at": one["at"] - 400} for one in records]
    session.save()

    asked = client.get("/settings/single-sign-on")
    page = client.get(asked["Location"]).content.decode()
    address = go(client, stub, path="again", next="/settings/single-sign-on")
    stub.person |= {"sub": "bo", "email": "bo@example.com"}
    other = back(client, address)
    stub.person |= {"sub": "subject-1", "auth_time": int(time.time()) - 3600}
    stale = back(client, go(client, stub, path="again", next="/settings/single-sign-on"))
    stub.person |= {"auth_time": int(time.time())}
    stub.sign = _without("auth_time")
    with capture_logs() as logged:
        unsaid = back(client, go(client, stub, path="again", next="/settings/single-sign-on"))
    stub.sign = signed
    proven = back(client, go(client, stub, path="again", next="/settings/single-sign-on"))

    assert asked.status_code == 302
    assert "Continue with Example AB" in page
    assert 'type="password"' not in page
    assert (other.status_code, stale.status_code, unsaid.status_code) == (403, 502, 502)
    assert [one["reason"] for one in logged] == ["the provider does not say that it asked again who it is"]
    assert proven["Location"] == "/settings/single-sign-on"
    assert client.get("/settings/single-sign-on").status_code == 200
    assert client.session["_auth_user_id"] == str(ann.pk)


def _answers(client: Client, user: User, reset: str) -> Iterator[tuple[str, HttpResponse]]:
    login = {"login": user.email, "password": PASSWORD}
    yield "sign in", client.post("/accounts/login/", login)
    yield "sign in, written otherwise", client.post("/accounts/login/", {**login, "login": "ANN@Example.COM "})
    yield "ask for a reset", client.post("/accounts/password/reset/", {"login": user.email})
    yield "a link from before", client.get(reset, follow=True)
    yield (
        "that link's form",
        client.post(re.sub("-.*", "-set-password/", reset), {"password1": "another long password"}),
    )


def test_enforced_single_sign_on_leaves_no_password_path(world: World, flex: SsoConnection, stub: OidcStub) -> None:
    """No password signs in, is reset, set by a link or changed, and no half-done sign-in goes on."""
    ann = person("ann@example.com", world, Role.PRIMARY)
    reset, before = reset_path(ann), ann.password
    inside = signed_in(ann)
    half = Client()
    half.get(reset)
    assert come(Client(), stub).status_code == 302
    boss = Client()
    come(boss, stub)
    boss.post("/settings/single-sign-on/rule", {"do": "enforce", "team": world.flex.pk})
    cache.clear()
    Mail.objects.all().delete()

    client = Client()
    for name, answer in _answers(client, ann, reset):
        assert not is_in(client), name
        assert "set-password" not in answer.get("Location", ""), name
    half.post(re.sub("-.*", "-set-password/", reset), {"password1": "another long password"})
    assert SsoConnection.objects.get().enforced
    assert not is_in(inside)
    assert boss.get("/accounts/password/").status_code == 403
    assert boss.post("/accounts/again/", {"password": PASSWORD}).status_code == 200
    assert boss.get("/accounts/again/code/").status_code == 403
    assert User.objects.get(pk=ann.pk).password == before
    assert Mail.objects.count() == 0
    assert single_sign_on.enforced("someone@example.com")
    with pytest.raises(Exception, match="single sign-on"):
        accounts.change_password(ann, "another long password", keep="", now=NOW)


def test_a_code_that_was_waited_for_does_not_sign_in_once_it_is_enforced(world: World, flex: SsoConnection) -> None:
    """The password was right before; enforced meanwhile, the second step leads back to the sign-in."""
    ann = person("ann@example.com", world, Role.PRIMARY)
    with_app(ann)
    half, other = Client(), Client()
    for client in (half, other):
        asked = client.post("/accounts/login/", {"login": ann.email, "password": PASSWORD})
        assert asked["Location"].startswith("/accounts/login/code/")
    assert other.post("/accounts/login/code/", {"code": code_of(ann)}).status_code == 302
    assert is_in(other)
    cache.clear()  # the code of this moment may be used once more
    SsoConnection.objects.update(enforced=True, tested_us=NOW)

    answer = half.post("/accounts/login/code/", {"code": code_of(ann)})

    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert not is_in(half)


def test_operators_sign_in_with_their_password_where_it_is_enforced(
    world: World, flex: SsoConnection, stub: OidcStub
) -> None:
    """The page asks those who say so; whose password is refused reads the same words, whoever they are (no oracle)."""
    for address in ("ola@example.com", "ann@example.com"):
        person(address, world)
    User.objects.filter(email="ola@example.com").update(is_operator=True)
    SsoConnection.objects.update(enforced=True, tested_us=NOW)
    client = Client()
    begun = client.post("/accounts/login/", {"login": "ola@example.com"}).content.decode()
    asked = client.post("/accounts/login/", {"login": "ola@example.com", "operator": "1"}).content.decode()
    said = set()
    tries = (("ola", "wrong password here"), ("ann", "wrong password here"), ("ann", PASSWORD), ("nobody", PASSWORD))
    for name, password in tries:
        form = {"login": f"{name}@example.com", "password": password, "operator": "1"}
        other = Client()
        said.add(bare(other.post("/accounts/login/", form)).replace(name, "…").partition("csrfmiddlewaretoken")[0])
        assert not is_in(other)
    client.post("/accounts/login/", {"login": "ola@example.com", "password": PASSWORD, "operator": "1"})
    stub.person |= {"email": "ola@example.com"}
    refused = come(Client(), stub)

    assert "I am an operator of this installation" in begun
    assert 'type="password"' not in begun
    assert 'type="password"' in asked
    assert len(said) == 1
    assert is_in(client)
    assert client.get("/accounts/password/").status_code == 200
    assert (refused.status_code, "you are an operator" in refused.content.decode()) == (403, True)


def test_another_provider_is_told_to_need_the_domains_again(world: World, flex: SsoConnection, stub: OidcStub) -> None:
    """The page says so before, and after it; an operator reads that somebody else has to try it."""
    boss = signed_in(person("ann@example.com", world, Role.PRIMARY))
    before = boss.get(f"/settings/single-sign-on?team={world.flex.pk}").content.decode()
    User.objects.update(is_operator=True)
    form = {"team": world.flex.pk, "name": "N", "issuer": stub.issuer, "client_id": "another", "secret": "s"}
    after = boss.post("/settings/single-sign-on", form, follow=True).content.decode()

    assert "Another issuer or client ID is another provider" in before
    assert "The texts of your domains are new" in after
    assert "not proven yet" in after
    assert "another administrator has to try it" in after


@pytest.mark.parametrize("host", ["evil.example.org", "x" * 5000, "a%s.example"])
def test_a_host_that_is_not_ours_leaves_one_short_line(host: str, caplog: pytest.LogCaptureFixture) -> None:
    """Anybody can ask with any: a warning without traceback (quality: logs)."""
    assert Client().get("/accounts/login/", headers={"host": host}).status_code == 400

    (line,) = caplog.records
    assert (line.name, line.levelname, line.exc_info) == ("django.security.DisallowedHost", "WARNING", None)
    assert host[:100] in line.getMessage()
    assert len(line.getMessage()) <= 200


def test_what_a_request_says_of_itself_leaves_short_lines(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Addresses and origins are whatever anybody sends, without an account and as long as they like (quality: logs)."""
    long = "x" * 30_000
    anybody = Client(enforce_csrf_checks=True)
    assert anybody.get(f"/{long}").status_code == 404
    assert anybody.post("/accounts/login/", headers={"origin": f"https://{long}.example"}).status_code == 403

    said = [record.getMessage() for record in caplog.records]
    assert {record.name for record in caplog.records} == {"django.request", "django.security.csrf"}
    assert max(map(len, said)) < 500
