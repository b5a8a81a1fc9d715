"""Single sign-on as a team sets it up: who may, domains that are proven in the DNS, and providers asked with care."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rrset
import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.conf import LazySettings
from django.core.cache import cache
from tests.world import NOW, World

from farebox.domain.clock import DAY, Instant
from farebox.domain.errors import Conflict, Forbidden, NotFound, Rejected
from farebox.domain.rights import Role
from farebox.records import locked, sign_ins
from farebox.records import single_sign_on as looked_up
from farebox.records.models import Audit, Membership, Person, SsoConnection, SsoDomain, Team, User
from farebox.records.sessions import SessionStore
from farebox.services import accounts, catalogue, invite
from farebox.services import single_sign_on as sso
from farebox.services.single_sign_on import fetch
from farebox.services.single_sign_on.domains import Found, read_domain
from farebox.services.single_sign_on.provider import cached

LATER = Instant(NOW + 2 * DAY)


class Names:
    """A name server on loopback: `texts` are the TXT records of names; a name without an entry does not exist."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.is_silent = False
        names = self

        class Handler(socketserver.BaseRequestHandler):
            """Answers one question."""

            def handle(self) -> None:
                """Tell what there is."""
                asked = dns.message.from_wire(self.request[0])
                told = dns.message.make_response(asked)
                name = asked.question[0].name.to_text().rstrip(".")
                if names.is_silent:
                    told.set_rcode(dns.rcode.SERVFAIL)
                elif name not in names.texts:
                    told.set_rcode(dns.rcode.NXDOMAIN)
                else:
                    quoted = [
                        " ".join(f'"{one[at : at + 20]}"' for at in range(0, len(one), 20)) for one in names.texts[name]
                    ]
                    told.answer.append(dns.rrset.from_text(asked.question[0].name, 60, "IN", "TXT", *quoted))
                self.request[1].sendto(told.to_wire(), self.client_address)

        self.server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
def names(settings: LazySettings) -> Iterator[Names]:
    """Have the name server be asked."""
    made = Names()
    settings.DNS_SERVERS = [f"127.0.0.1:{made.server.server_address[1]}"]
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def leader(world: World, email: str = "ann@example.com", role: Role = Role.PRIMARY, team: Team | None = None) -> User:
    """Return an account with a role."""
    user = User.objects.create_user(email, None)
    Membership.objects.create(team=team or world.flex, user=user, role=role)
    return user


def proof(user: User, team: Team) -> tuple[int, str]:
    """Return the number and the text of a team's one domain."""
    (found,) = sso.domains_of(user, team.pk)
    return found.pk, found.text


def test_a_domain_is_proven_by_a_text_in_the_dns(world: World, names: Names) -> None:
    """Another text, none, or a server that does not answer prove nothing; the text does, in pieces too."""
    ann = leader(world)
    sso.claim(ann, world.flex.pk, " @Example.COM.", now=NOW)
    number, text = proof(ann, world.flex)
    tries = []
    for texts in ([], ["v=spf1 -all"], [text[:-1]], [text + "x"], ["x" * 90, text]):
        names.texts = {"example.com": texts} if texts else {}
        tries.append(sso.prove(ann, world.flex.pk, number, now=NOW))
    names.is_silent = True

    assert text.startswith("farebox-domain-proof=")
    assert tries == [Found.MISSING] * 4 + [Found.THERE]
    assert sso.prove(ann, world.flex.pk, number, now=NOW) is Found.UNKNOWN
    assert sso.domains_of(ann, world.flex.pk)[0].proven_us == NOW
    verbs = list(
        Audit.objects.filter(team=world.flex, verb__startswith="sso").order_by("pk").values_list("verb", flat=True)
    )
    assert verbs == ["sso.domain_claimed", "sso.domain_proven"]


def test_a_domain_belongs_to_one_team_at_a_time(world: World, names: Names) -> None:
    """Another team has another text; while one has proven the domain the other cannot, and then it can."""
    ann, eve = leader(world), leader(world, "eve@example.com", team=world.ent)
    for user, team in ((ann, world.flex), (eve, world.ent)):
        sso.claim(user, team.pk, "example.com", now=NOW)
    (first, text), (second, other) = proof(ann, world.flex), proof(eve, world.ent)
    names.texts = {"example.com": [text, other]}

    assert text != other
    sso.prove(ann, world.flex.pk, first, now=NOW)
    with pytest.raises(Conflict):
        sso.prove(eve, world.ent.pk, second, now=NOW)
    with pytest.raises(NotFound):
        sso.prove(eve, world.ent.pk, first, now=NOW)
    with pytest.raises(NotFound):
        sso.drop(eve, world.ent.pk, first, now=NOW)
    sso.drop(ann, world.flex.pk, first, now=NOW)
    assert sso.prove(eve, world.ent.pk, second, now=NOW) is Found.THERE


def test_a_proof_that_is_gone_for_a_week_has_ended(world: World, names: Names) -> None:
    """It is looked at daily; a server that does not answer ends nothing; back in time, nothing has happened."""
    ann = leader(world)
    sso.claim(ann, world.flex.pk, "example.com", now=NOW)
    number, text = proof(ann, world.flex)
    names.texts = {"example.com": [text]}
    sso.prove(ann, world.flex.pk, number, now=NOW)

    assert sso.check_due(now=Instant(NOW + DAY - 1)) == 0
    names.texts = {}
    assert sso.check_due(now=Instant(NOW + DAY)) == 1
    assert sso.domains_of(ann, world.flex.pk)[0].missed_us == NOW + DAY
    names.is_silent = True
    sso.check_due(now=Instant(NOW + 30 * DAY))
    assert sso.domains_of(ann, world.flex.pk)[0].proven_us == NOW
    names.is_silent, names.texts = False, {"example.com": [text]}
    sso.check_due(now=Instant(NOW + 31 * DAY))
    assert sso.domains_of(ann, world.flex.pk)[0].missed_us is None
    names.texts = {}
    for day in (32, 38):
        sso.check_due(now=Instant(NOW + day * DAY))
    assert sso.domains_of(ann, world.flex.pk)[0].proven_us == NOW
    sso.check_due(now=Instant(NOW + 39 * DAY))
    assert sso.domains_of(ann, world.flex.pk)[0].proven_us is None
    assert Audit.objects.filter(verb="sso.domain_lapsed").count() == 1


@pytest.mark.parametrize(
    "text", ["", "example", "exa mple.com", "127.0.0.1", "ехаmple.com", "gmail.com", "a@b.com", "x_y.com"]
)
def test_what_is_no_domain_of_an_organisation_is_refused(text: str) -> None:
    """Also a domain at which anybody has an address, and one whose letters only look like others."""
    with pytest.raises(Rejected):
        read_domain(text)


def test_only_those_who_may_set_it_up(world: World) -> None:
    """SSO and primary administrators; a secondary one is refused, and another team is as good as none (matrix)."""
    sam, sso_admin = leader(world, "sam@example.com", Role.SECONDARY), leader(world, "sso@example.com", Role.SSO)
    assert sso.connection_of(sso_admin, world.flex.pk) is None
    for refused in (
        lambda team: sso.connection_of(sam, team),
        lambda team: sso.domains_of(sam, team),
        lambda team: sso.claim(sam, team, "example.com", now=NOW),
        lambda team: sso.prove(sam, team, 1, now=NOW),
        lambda team: sso.drop(sam, team, 1, now=NOW),
        lambda team: sso.connect(sam, team, DRAFT, now=NOW),
        lambda team: sso.disconnect(sam, team, now=NOW),
        lambda team: sso.enforce(sam, team, keep="", now=NOW),
        lambda team: sso.relax(team, sam, now=NOW),
    ):
        with pytest.raises(Forbidden):
            refused(world.flex.pk)
        with pytest.raises(NotFound):
            refused(world.ent.pk)


DRAFT = sso.Draft("Example AB", "https://login.example.com", "farebox", "secret", joins=False)


def connected(team: Team, *, tested: bool = True) -> SsoConnection:
    """Connect a team whose domain is proven."""
    SsoDomain.objects.create(
        team=team, domain="example.com", challenge="x", created_us=NOW, proven_us=NOW, checked_us=NOW
    )
    return SsoConnection.objects.create(
        team=team,
        key="key",
        name="Example AB",
        issuer=DRAFT.issuer,
        client_id="farebox",
        secret=locked.lock("secret", locked.SINGLE_SIGN_ON),
        tested_us=NOW if tested else None,
        created_us=NOW,
    )


def test_issuers_that_begin_alike_share_nothing() -> None:
    """What one issuer told is never taken for another's, however long their addresses are."""
    long = "https://login.example.com/" + "x" * 300
    assert cached("keys", long + "1") != cached("keys", long + "2")
    assert len(cached("keys", long)) < 100


def test_who_comes_back_is_a_member_from_then(world: World) -> None:
    """
    By single sign-on as by a link: the gap stays known, a role only as its giver may still give it, one row (T4, T5).
    """
    boss = leader(world, "boss@example.com", Role.SECONDARY)
    key = connected(world.flex).key
    ann = catalogue.add_person(world.flex, "ann@example.com", "Ann Ek", now=NOW)
    Person.objects.filter(pk=ann.pk).update(left_us=NOW)
    (asked,) = invite.invite(boss, world.flex.pk, "ann@example.com", role=Role.SECONDARY, now=NOW)
    Membership.objects.filter(user=boss).update(role=Role.USER)

    sso.enter(sso.Vouched(key, "subject", "ann@example.com", True, "Ann"), now=LATER)

    ann.refresh_from_db()
    assert (ann.member_us, ann.left_us, ann.name) == (LATER, None, "Ann Ek")
    assert Membership.objects.get(user=ann.user_id).role == Role.USER
    row = Audit.objects.get(verb="invitation accepted")
    assert (row.object, row.facts["role"]) == (f"invitation {asked.invitation}", "USER")
    assert not Audit.objects.filter(verb="sso.joined").exists()


def test_a_name_that_looks_like_an_address_is_not_taken(world: World) -> None:
    """What the provider calls somebody shows on pages and in mails: it is a name, or the address says who it is."""
    key = connected(world.flex).key
    SsoConnection.objects.update(joins=True)
    for name, address in (("http://evil.example <b@x>", "bo@example.com"), ("Åsa  Ek", "asa@example.com")):
        sso.enter(sso.Vouched(key, address, address, True, name), now=NOW)

    assert list(User.objects.order_by("pk").values_list("name", flat=True)) == ["bo", "Åsa Ek"]


def test_it_is_enforced_only_once_an_administrator_came_in(world: World) -> None:
    """Without that nobody could; then passwords count no more, until it is relaxed by command."""
    ann = leader(world)
    connected(world.flex, tested=False)
    with pytest.raises(Conflict):
        sso.enforce(ann, world.flex.pk, keep="", now=NOW)
    SsoConnection.objects.update(tested_us=NOW)
    sso.enforce(ann, world.flex.pk, keep="", now=NOW)

    assert looked_up.enforced("Bo@EXAMPLE.com")
    assert not looked_up.enforced("bo@sub.example.com")
    assert not looked_up.enforced("bo@example.com.example")
    assert not looked_up.enforced("login07")
    with pytest.raises(Conflict):
        sso.drop(ann, world.flex.pk, sso.domains_of(ann, world.flex.pk)[0].pk, now=NOW)
    with pytest.raises(Conflict):
        sso.disconnect(ann, world.flex.pk, now=NOW)
    sso.relax(world.flex.pk, None, now=NOW)
    assert not looked_up.enforced("bo@example.com")
    assert Audit.objects.filter(verb="sso.relaxed", actor="command").count() == 1


def test_another_provider_or_secret_has_to_be_tried_again(world: World) -> None:
    """What is entered anew has not let anybody in yet; another issuer or client is one to which no link leads."""
    for issuer in (DRAFT.issuer, "https://other.example.com"):
        cache.set(cached("about", issuer), {"issuer": issuer}, 60)
    ann = leader(world)
    sso.connect(ann, world.flex.pk, DRAFT, now=NOW)
    SsoConnection.objects.update(tested_us=NOW)
    first = SsoConnection.objects.get()
    named = sso.Draft("Other name", DRAFT.issuer, DRAFT.client_id, "", joins=True)
    sso.connect(ann, world.flex.pk, named, now=NOW)
    kept = SsoConnection.objects.get()
    keys = {kept.key}
    for issuer, client in ((DRAFT.issuer, "another"), ("https://other.example.com", "another")):
        SocialAccount.objects.create(provider=SsoConnection.objects.get().key, uid="subject", user=ann)
        sso.connect(ann, world.flex.pk, sso.Draft("N", issuer, client, "s", joins=False), now=NOW)
        moved = SsoConnection.objects.get()
        keys.add(moved.key)
        assert not SocialAccount.objects.exists()

    assert "secret" not in first.secret
    assert locked.unlock(first.secret, locked.SINGLE_SIGN_ON) == "secret"
    assert (kept.tested_us, kept.key, kept.joins, kept.secret) == (NOW, first.key, True, first.secret)
    assert moved.tested_us is None
    assert len(keys) == 3
    assert "secret" not in repr(DRAFT)
    with pytest.raises(Rejected) as refused:
        sso.connect(ann, world.flex.pk, sso.Draft("", "http://x", "", "\0", joins=False), now=NOW)
    assert [one.pointer for one in refused.value.problems] == ["/name", "/client_id", "/issuer", "/secret"]


def test_the_owner_of_a_domain_agrees_to_one_provider(world: World, names: Names) -> None:
    """
    Another issuer or client, also after the first was taken away, makes each domain unproven, with another text.

    The text that is in the DNS says nothing of it; another name or secret of the same provider changes no proof.
    """
    issuers = (DRAFT.issuer, "https://other.example.com")
    for issuer in issuers:
        cache.set(cached("about", issuer), {"issuer": issuer}, 60)
    ann = leader(world, role=Role.SSO)
    flex = world.flex.pk
    assert sso.connect(ann, flex, DRAFT, now=NOW) == 0
    sso.claim(ann, flex, "example.com", now=NOW)
    texts = set()
    for issuer, client in ((issuers[0], "two"), (issuers[1], "two"), (issuers[0], "two")):
        number, text = proof(ann, world.flex)
        texts.add(text)
        names.texts = {"example.com": [text]}
        assert sso.prove(ann, flex, number, now=NOW) is Found.THERE
        same = sso.connection_of(ann, flex)
        assert same is not None
        assert sso.connect(ann, flex, sso.Draft("N", same.issuer, same.client_id, "new", joins=True), now=NOW) == 0
        assert looked_up.serving("bo@example.com") is not None
        if issuer == issuers[1]:
            sso.disconnect(ann, flex, now=NOW)
        assert sso.connect(ann, flex, sso.Draft("N", issuer, client, "s", joins=True), now=NOW) == 1

        key = SsoConnection.objects.get().key
        assert looked_up.serving("bo@example.com") is None
        assert sso.prove(ann, flex, number, now=NOW) is Found.MISSING
        with pytest.raises(sso.SsoRefused, match="other_domain"):
            sso.enter(sso.Vouched(key, "subject", "bo@example.com", True, "Bo"), now=NOW)
        with pytest.raises(Conflict):
            sso.enforce(ann, flex, keep="", now=NOW)

    assert len(texts) == 3
    assert Audit.objects.filter(verb="sso.domain_lapsed", actor=f"account {ann.pk}").count() == 3


def test_no_provider_lets_an_operator_in(world: World) -> None:
    """It is a team's: neither by the address the first time nor by a link from before; nor does it bind them."""
    key = connected(world.flex).key
    SsoConnection.objects.update(joins=True, enforced=True)
    ola, bo = (User.objects.create_user(f"{name}@example.com", None) for name in ("ola", "bo"))
    vouched = sso.Vouched(key, "subject", ola.email, True, "Ola")
    sso.enter(vouched, now=NOW)
    keys = sessions_of(ola, bo)
    accounts.set_operator(ola.email, operator=True, now=NOW)

    assert lasting(keys) == [False, True]
    with pytest.raises(sso.SsoRefused, match="operator"):
        sso.enter(vouched, now=NOW)
    SocialAccount.objects.all().delete()
    with pytest.raises(sso.SsoRefused, match="operator"):
        sso.enter(vouched, now=NOW)
    assert not SocialAccount.objects.exists()
    refused = Audit.objects.filter(verb="sso.refused", team=world.flex).values_list("facts__reason", flat=True)
    assert list(refused) == ["operator"] * 2
    assert [looked_up.enforced(one) for one in ("Ola@EXAMPLE.com", bo.email, "nobody@example.com")] == [
        False,
        True,
        True,
    ]
    assert accounts.send_reset(ola.email, now=NOW) == ola
    with pytest.raises(Forbidden):
        accounts.send_reset(bo.email, now=NOW)


REFUSED = (
    "http://login.example.com",
    "https://",
    "https://user@login.example.com",
    "https://login.example.com/#x",
    "https://login.example.com:0",
    "https://login.example.com:99999",
    "file:///etc/passwd",
    "gopher://login.example.com",
    "https://login.example.com/ x",
    "https://lögin.example.com",
    "https://" + "x" * 400,
)


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_no_address_of_a_provider_is_not_asked(url: str) -> None:
    """Only https, a host, and nothing hidden (quality: SSRF)."""
    with pytest.raises(fetch.Unsafe):
        fetch.check(url)


PRIVATE = (
    *("127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
    *("255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1"),
    *("::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::1"),
)


def test_addresses_of_the_own_network_are_not_asked() -> None:
    """However they are written or wrapped; numbers that stand for an address are resolved as the system does."""
    assert [one for one in PRIVATE if fetch.is_public(one)] == []
    assert fetch.is_public("93.184.215.14")
    assert fetch.is_public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    for host in ("localhost", "127.0.0.1", "2130706433", "0x7f.1", "017700000001"):
        with pytest.raises(OSError, match="own network"):
            fetch.address_of(host, 443)
    with fetch.Careful() as session, pytest.raises(requests.ConnectionError):
        session.get("https://127.0.0.1:9/")


class _Odd(socketserver.BaseRequestHandler):
    """Answers oddly, as the path says."""

    def handle(self) -> None:
        """Answer."""
        asked = self.request.recv(4096).split(b" ")[1]
        self.request.sendall({b"/away": AWAY, b"/long": LONG}.get(asked, b"HTTP/1.1 200 OK\r\n\r\n"))
        while asked == b"/slow" and not self.server.is_over:  # type: ignore[attr-defined]
            try:
                self.request.sendall(b"x")
                time.sleep(0.05)
            except OSError:
                return


AWAY = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
LONG = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (fetch.BYTES_MAX + 1)


def test_an_answer_that_is_long_slow_or_leads_away_is_not_taken(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """64 KB, a deadline for the whole, no redirect (quality: SSRF)."""
    settings.SSO_ALLOW_PRIVATE = True
    monkeypatch.setattr(fetch, "SECONDS", 0.4)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Odd) as server:
        server.is_over = False  # type: ignore[attr-defined]
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        base = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            for path in ("/away", "/long", "/slow"):
                with fetch.Careful() as session, pytest.raises(requests.RequestException):
                    session.get(base + path)
        finally:
            server.is_over = True  # type: ignore[attr-defined]
            server.shutdown()
            thread.join()


def sessions_of(*users: User) -> list[str]:
    """Sign people in, and return the keys of their sessions."""
    stores = [SessionStore() for _ in users]
    for store, user in zip(stores, users, strict=True):
        store["_auth_user_id"] = str(user.pk)
        store.save()
    return [str(store.session_key) for store in stores]


def lasting(keys: list[str]) -> list[bool]:
    """Tell which sessions go on."""
    return [SessionStore(key).exists(key) for key in keys]


def test_ending_sessions_leaves_others_alone(world: World) -> None:
    """Of one account all but one end; another account's stay."""
    ann, bo = leader(world), leader(world, "bo@example.com", Role.USER)
    keys = sessions_of(ann, ann, bo)

    assert sign_ins.end_all(ann.pk, keep=keys[0]) == 1
    assert lasting(keys) == [True, False, True]


def test_enforced_it_ends_the_sessions_of_each_domain(world: World, names: Names) -> None:
    """Those that are proven already, and one that is proven later: but for the session in which that is done."""
    ann = leader(world)
    others = [User.objects.create_user(f"bo@{domain}", None) for domain in ("example.com", "example.org", "x.test")]
    keys = sessions_of(ann, *others)
    connected(world.flex)
    SsoDomain.objects.create(team=world.flex, domain="x.test", challenge="y", created_us=NOW, proven_us=NOW)

    assert sso.enforce(ann, world.flex.pk, keep=keys[0], now=NOW) == 2
    assert lasting(keys) == [True, False, True, False]
    sso.claim(ann, world.flex.pk, "example.org", now=NOW)
    claimed = next(one for one in sso.domains_of(ann, world.flex.pk) if one.domain == "example.org")
    names.texts = {"example.org": [claimed.text]}
    assert sso.prove(ann, world.flex.pk, claimed.pk, keep=keys[0], now=NOW) is Found.THERE
    assert lasting(keys) == [True, False, False, False]
