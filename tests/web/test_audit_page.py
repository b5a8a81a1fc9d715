"""The audit log on its page, as files and for operators; refusals and sign-ins that write into it (quality T5, P1)."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable

import pytest
from django.test import Client
from tests.web.audit_verbs import Source
from tests.web.signed_in import signed_in
from tests.web.used import PASSWORD
from tests.world import NOW, World

from farebox.domain.audited import OF_INSTALLATION, VERBS
from farebox.domain.clock import DAY, Instant
from farebox.domain.rights import Role
from farebox.records import audit
from farebox.records.models import Audit, Membership, User
from farebox.services import audit_log, catalogue
from farebox.web.shown import audit_words

LOG = "/settings/audit"


class Crew:
    """Ann leads the Flex team, Cy is its SSO administrator, Di its user, Olga an operator, Zoe nobody."""

    def __init__(self, world: World) -> None:
        self.team, self.other = world.flex, world.ent
        self.users = {
            name: User.objects.create_user(f"{name.lower()}@example.com", PASSWORD, name=f"{name} Example")
            for name in ("Ann", "Cy", "Di", "Olga", "Zoe")
        }
        User.objects.filter(pk=self.users["Olga"].pk).update(is_operator=True)
        for name, role in (("Ann", Role.PRIMARY), ("Cy", Role.SSO), ("Di", Role.USER)):
            Membership.objects.create(team=self.team, user=self.users[name], role=role)
        self.bo = catalogue.add_person(self.team, "bo@example.com", "Bo Person", now=NOW)

    def note(self, verb: str, about: str, *, by: str = "Ann", at: Instant = NOW, **facts: str | int | None) -> None:
        """Write a row into the team's log."""
        audit.note([audit.Change(self.team.pk, verb, about, facts)], f"account {self.users[by].pk}", at=at)

    def browser(self, name: str) -> Client:
        """Return a browser in which somebody is signed in, of which the log says nothing."""
        client = Client()
        client.force_login(self.users[name])
        return client


@pytest.fixture
def crew(world: World) -> Crew:
    """Return the team, with an empty log."""
    return Crew(world)


def words(content: bytes) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", content.decode()))).strip()


def rows(content: bytes) -> list[str]:
    """Return the rows of the log as the page shows them, the newest first."""
    body = content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    return [words(row.encode()) for row in body.split("</tr>") if row.strip()]


def told(**only: object) -> list[tuple[str | None, str, str, str, object]]:
    """Return rows of all logs, in order."""
    found = Audit.objects.filter(**only).order_by("pk")
    return list(found.values_list("team__slug", "actor", "verb", "object", "facts"))


def test_every_verb_that_is_written_is_known() -> None:
    """What the program writes into the log has an area and words, and no word is there that nobody writes."""
    written = {verb for verbs in Source().written().values() for verb in verbs}

    assert sorted(written - set(VERBS)) == []
    assert sorted(set(VERBS) - written) == []
    assert set(audit_words.WORDS) == set(VERBS)
    assert all(len(verb) <= 40 for verb in VERBS)


def test_the_log_says_who_did_what_to_whom(crew: Crew) -> None:
    """The newest first, names in the place of numbers, what is not for people left out (quality T5)."""
    product = catalogue.add_product(catalogue.NewProduct(code="Q", name="Quarz", family="F"))
    crew.note("assigned", f"person {crew.bo.pk}", product=product.pk)
    crew.note("role.set", f"account {crew.users['Di'].pk}", at=Instant(NOW + 1), before="USER", now="SSO")
    crew.note("assigned", f"person {crew.bo.pk}", at=Instant(NOW + 2), product=None)
    crew.note("amended", "event 12", at=Instant(NOW + 3), tokens_micro=7_000_000)

    found = rows(crew.browser("Ann").get(LOG).content)

    assert [row.partition("UTC ")[2] for row in found] == [
        "Ann Example corrected a use event 12 –",
        "Ann Example assigned a product Bo Person product: all products, later ones too",
        "Ann Example changed a role Di Example before: user now: SSO administrator",
        "Ann Example assigned a product Bo Person product: Quarz",
    ]


def test_what_is_done_to_tokens_is_told_with_its_amount(crew: Crew) -> None:
    """How many, the other team of a move, as whom, and what was proposed; never of a person (quality T5, P1)."""
    crew.note("pack.give", "pack 1", tokens=1_000_000_000, pool="FLEX")
    crew.note("tokens.adjust", "event 1", tokens_micro=-12_500_000)
    crew.note("tokens.consume", "event 2", tokens_micro=-20_000_000, **{"as": "primary"})
    crew.note("move", "pack 1", tokens_micro=40_000_000, to_team=crew.other.pk)
    crew.note("proposal.make", "proposal 1", kind="ADJUST")
    crew.note("withdrew", "event 1", revision=1, reason="typed twice")
    browser = crew.browser("Ann")

    found = [row.partition("Ann Example ")[2] for row in rows(browser.get(LOG).content)]
    table = list(csv.reader(io.StringIO(browser.get(f"{LOG}?format=csv").content.decode())))

    assert found == [
        "withdrew what was entered or reported event 1 reason: typed twice",
        "proposed something that takes two operators proposal 1 Adjust tokens",
        f"moved tokens to another team token pack 1 tokens: 40 to team: {crew.other.name}",
        "entered consumption by hand event 2 as primary administrator",
        "adjusted tokens event 1 tokens: −12.5",
        "gave tokens token pack 1 tokens: 1,000",
    ]
    assert table[3][4] == f"tokens: 40; to team: {crew.other.name}"


def test_the_log_is_filtered_by_person_verb_and_dates(crew: Crew) -> None:
    """Each filter is in the address; dates are whole days in UTC; what makes no sense is said beside its field."""
    crew.note("left", f"person {crew.bo.pk}", at=Instant(NOW + 3 * DAY))
    crew.note("names.hide", f"team {crew.team.pk}", at=Instant(NOW + 5 * DAY - 1))
    crew.note("sign_in.done", f"account {crew.users['Di'].pk}", by="Di", at=Instant(NOW + 5 * DAY))
    browser = crew.browser("Ann")

    def found(query: str) -> list[str]:
        return [row.verb for row in Audit.objects.order_by("-at_us") if _says(row.verb, query)]

    def _says(verb: str, query: str) -> bool:
        return any(str(audit_words.WORDS[verb]) in row for row in rows(browser.get(f"{LOG}?{query}").content))

    assert found("") == ["sign_in.done", "names.hide", "left"]
    assert found("person=BO+per") == ["left"]
    assert found("person=di%40example") == ["sign_in.done"]
    assert found("what=names.hide") == ["names.hide"]
    assert found("what=area:people") == ["left"]
    assert found("since=2026-06-05&until=2026-06-05") == ["names.hide"]
    wrong = browser.get(f"{LOG}?since=2026-06-05&until=2026-06-01&what=nothing")
    assert wrong.status_code == 400
    assert "The last date is before the first." in words(wrong.content)


def test_what_is_said_alike_is_chosen_at_once(crew: Crew) -> None:
    """The filter has no words twice, and of a team's log none for what stands in the installation's alone."""
    crew.note("seated", f"person {crew.bo.pk}")
    crew.note("seat given", f"entitlement {crew.bo.pk}", since=0, until=DAY)
    crew.note("import ended", "people list 1", lines=12)
    browser = crew.browser("Ann")

    page = browser.get(LOG)
    offered = re.findall(r'<option value="([^"]*)"[^>]*>([^<]+)<', page.content.decode().partition('id="id_what"')[2])
    kinds = [said for value, said in offered if value and not value.startswith("area:")]
    given = next(value for value, said in offered if said == "gave a seat")

    assert len(kinds) == len(set(kinds)) > 50
    assert not {str(audit_words.WORDS[verb]) for verb in OF_INSTALLATION} & set(kinds)
    assert len(rows(browser.get(LOG, {"what": given}).content)) == 2
    assert "finished an import of people list of people 1 rows: 12" in words(page.content)
    assert "first day: Jan 1, 1970 last day: Jan 1, 1970" in words(page.content)


def test_what_was_refused_is_said_in_words(crew: Crew) -> None:
    """A row of a refusal has no internal name: the page by its place, a form, or a program's request."""
    crew.note("refused", "users-handover", method="GET", status=404)
    crew.note("refused", "settings", method="POST", status=403)
    crew.note("refused", "tokenflex-1:contract", method="GET", status=403)

    found = [row.partition("was refused ")[2] for row in rows(crew.browser("Ann").get(LOG).content)]

    assert sorted(found) == [
        "a page, People answer 404 wanted to look",
        "a page, Settings answer 403 sent a form or a change",
        "a program’s request answer 403 wanted to look",
    ]


def test_a_long_log_is_read_page_by_page(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    """Following "Older" shows each row once, also where several are of the same instant; nonsense begins anew."""
    monkeypatch.setattr(audit_log, "PAGE", 3)
    for number in range(8):
        crew.note("pack.give", f"pack {number + 1}", at=Instant(NOW + number // 4))
    browser, address, seen = crew.browser("Ann"), LOG, list[str]()
    while address:
        page = browser.get(address).content
        seen += re.findall(r"token pack \d", " ".join(rows(page)))
        older = re.search(r'rel="next" href="([^"]+)"', page.decode())
        address = html.unescape(older[1]) if older else ""

    assert seen == [f"token pack {number}" for number in range(8, 0, -1)]
    for nonsense in ("x", "1", "1-", f"{10**30}-1", "-1-1"):
        assert len(rows(browser.get(f"{LOG}?before={nonsense}").content)) == 3


def test_the_log_is_had_as_a_file(crew: Crew) -> None:
    """A file has what the page shows, on all its pages, and nothing that a spreadsheet would run."""
    User.objects.filter(pk=crew.users["Di"].pk).update(name="=cmd|' /C calc'!A1")
    crew.note("role.set", f"account {crew.users['Di'].pk}", before="USER", now="SSO")
    crew.note("left", f"person {crew.bo.pk}")
    browser = crew.browser("Ann")

    got = browser.get(f"{LOG}?what=area:roles&format=csv")
    table = list(csv.reader(io.StringIO(got.content.decode())))
    book = browser.get(f"{LOG}?format=xlsx")

    assert table[0] == ["at", "actor", "action", "about", "details"]
    assert [row[1:3] for row in table[1:]] == [["Ann Example", "changed a role"]]
    assert table[1][3].startswith("'=")
    assert book["Content-Type"].endswith("spreadsheetml.sheet")


def test_sso_administrators_see_their_own_area(crew: Crew) -> None:
    """People, roles and signing in are shown to them; the rest neither on the page, nor asked for, nor in files."""
    crew.note("left", f"person {crew.bo.pk}")
    crew.note("sso.enforced", f"team {crew.team.pk}")
    crew.note("pack.give", "pack 1")
    crew.note("unheard-of", "thing 1")
    browser = crew.browser("Cy")

    shown = rows(browser.get(LOG).content)
    asked = browser.get(f"{LOG}?what=pack.give")

    assert len(shown) == 2
    assert len(rows(crew.browser("Ann").get(LOG).content)) == 4
    assert asked.status_code == 400
    assert browser.get(f"{LOG}?format=csv").content.decode().count("\r\n") == 3


@pytest.mark.parametrize("name", ["Di", "Zoe", "Olga"])
def test_nobody_else_sees_the_log(crew: Crew, name: str) -> None:
    """A member whose role may not gets 403, others 404 as for a team that does not exist; operators have their page."""
    browser = crew.browser(name)
    statuses = [browser.get(f"{LOG}?team={team}").status_code for team in (crew.team.pk, crew.other.pk, 10**9)]
    operators = [browser.get(f"/operator/audit{query}").status_code for query in ("", f"?team={crew.team.pk}")]

    assert statuses == ([403, 404, 404] if name == "Di" else [404, 404, 404])
    assert operators == ([200, 200] if name == "Olga" else [404, 404])


def test_operators_read_every_log_and_the_installations(crew: Crew) -> None:
    """Without a team it is what is no team's; a team that does not exist has none."""
    crew.note("left", f"person {crew.bo.pk}")
    audit.note([audit.Change(None, "card.add", "rate card 3", {})], "command", at=NOW)
    browser = crew.browser("Olga")

    assert [row.partition("UTC ")[2] for row in rows(browser.get("/operator/audit").content)] == [
        "a command of the installation added a rate card rate card 3 –"
    ]
    assert "Bo Person" in rows(browser.get(f"/operator/audit?team={crew.team.pk}").content)[0]
    assert [browser.get(f"/operator/audit?team={one}").status_code for one in (10**9, "x", "-1")] == [404, 404, 404]


def test_an_operator_who_acts_in_a_team_is_not_named_to_it(crew: Crew) -> None:
    """The team reads that an operator did it; the operators read who."""
    crew.note("pack.give", "pack 1", by="Olga")

    assert "an operator gave tokens" in rows(crew.browser("Ann").get(LOG).content)[0]
    assert (
        "Olga Example gave tokens" in rows(crew.browser("Olga").get(f"/operator/audit?team={crew.team.pk}").content)[0]
    )


def test_no_name_stands_beside_a_use_or_a_pseudonym(crew: Crew) -> None:
    """Rows about use and reports name nobody but who acted; no pseudonym and no sum of tokens is told (P1)."""
    crew.note("names.reveal", f"person {crew.bo.pk}", reason="asked by the works council")
    crew.note("tokens.consume", f"person {crew.bo.pk}", person=crew.bo.pk, tokens_micro=12_345_000_000)
    browser = crew.browser("Ann")

    for content in (browser.get(LOG).content, browser.get(f"{LOG}?format=csv").content):
        text = content.decode()
        assert "a person" in text
        assert "asked by the works council" in text
        assert [
            word for word in ("Bo Person", "bo@example.com", crew.bo.pseudonym, "12345", "12,345") if word in text
        ] == []


def test_who_is_behind_a_pseudonym_is_not_found_in_the_log(crew: Crew) -> None:
    """Searched by a name, such a row is found by who asked alone; why is read by who may ask (P1, matrix)."""
    crew.note("names.reveal", f"person {crew.bo.pk}", reason=f"who is {crew.bo.pseudonym}")
    crew.note("tokens.consume", f"person {crew.bo.pk}", person=crew.bo.pk)
    crew.note("left", f"person {crew.bo.pk}")
    Membership.objects.filter(user=crew.users["Cy"]).update(role=Role.SECONDARY)
    primary, secondary = crew.browser("Ann"), crew.browser("Cy")

    for browser in (primary, secondary):
        assert ["removed somebody" in row for row in rows(browser.get(f"{LOG}?person=Bo").content)] == [True]
        assert browser.get(f"{LOG}?person=Bo&format=csv").content.count(b"\r\n") == 2
    assert len(rows(secondary.get(f"{LOG}?person=Ann").content)) == 3
    for address in (LOG, f"{LOG}?format=csv"):
        assert crew.bo.pseudonym in primary.get(address).content.decode()
        assert crew.bo.pseudonym not in secondary.get(address).content.decode()


Ask = Callable[[Client, Crew], object]


@pytest.mark.parametrize(
    ("who", "ask", "row"),
    [
        ("Di", lambda c, w: c.get(LOG), ("flex", "audit", {"method": "GET", "status": 403})),
        ("Di", lambda c, w: c.post(f"/users/roles/{10**9}"), ("flex", "users-role", {"method": "POST", "status": 403})),
        ("Di", lambda c, w: c.get(f"{LOG}?team={w.other.pk}"), ("flex", "audit", {"method": "GET", "status": 404})),
        ("Di", lambda c, w: c.get(f"{LOG}?team={10**9}"), ("flex", "audit", {"method": "GET", "status": 404})),
        ("Ann", lambda c, w: c.get("/users/roles/1000000"), ("flex", "users-role", {"method": "GET", "status": 404})),
        ("Di", lambda c, w: c.get("/operator"), ("flex", "operator", {"method": "GET", "status": 404})),
        ("Zoe", lambda c, w: c.get(f"{LOG}?team={w.team.pk}"), (None, "audit", {"method": "GET", "status": 404})),
        ("Zoe", lambda c, w: c.get(f"{LOG}?team={10**9}"), (None, "audit", {"method": "GET", "status": 404})),
    ],
)
def test_each_refusal_is_one_row(crew: Crew, who: str, ask: Ask, row: tuple[object, str, object]) -> None:
    """Whoever is refused leaves a row with the name of the address; foreign and unknown leave the same (T2, T5)."""
    ask(crew.browser(who), crew)

    team, name, facts = row
    assert told() == [(team, f"account {crew.users[who].pk}", "refused", name, facts)]


def test_what_is_no_refusal_leaves_no_row(crew: Crew) -> None:
    """Pages that are not there, strangers, sign-in pages and what is allowed write nothing."""
    Client().get(LOG)
    Client().get(f"/users/roles/{10**9}")
    browser = crew.browser("Ann")
    for path in ("/nowhere", "/static/farebox/none.css", LOG, "/users/roles", "/favicon.ico"):
        browser.get(path)

    assert told() == []


def test_a_token_that_is_refused_leaves_a_row(crew: Crew) -> None:
    """The API writes as the pages do: whose token, which address, never what stood in it (T5)."""
    from farebox.services import tokens
    from farebox.wallclock import now

    _, secret = tokens.make(crew.users["Di"], name="script", days=1, now=now())
    headers = {"Authorization": f"Bearer {secret}"}
    got = Client().get("/tokenflex/v1/contract/secret-contract", headers=headers)
    written = told(verb="refused")

    assert got.status_code == 403
    assert [row[:3] for row in written] == [("flex", f"account {crew.users['Di'].pk}", "refused")]
    assert "secret-contract" not in str(written)
    assert Client().get("/tokenflex/v1/contract/secret-contract").status_code == 401
    assert told(verb="refused") == written


def test_sign_ins_are_written_down(crew: Crew) -> None:
    """Signed in, failed with and without an account, signed out: a row each; a look-alike address is not tried (T5)."""
    browser = signed_in(crew.users["Di"])
    browser.post("/accounts/logout/")
    for address in ("di@example.com", "DI@example.com", "nobody@example.com", "dі@example.com"):
        Client().post("/accounts/login/", {"login": address, "password": "wrong"})

    di = f"account {crew.users['Di'].pk}"
    assert told(verb__startswith="sign_in") == [
        ("flex", di, "sign_in.done", di, {}),
        ("flex", di, "sign_in.out", di, {}),
        ("flex", "nobody", "sign_in.failed", di, {}),
        ("flex", "nobody", "sign_in.failed", di, {}),
        (None, "nobody", "sign_in.failed", "account unknown", {}),
    ]


def test_personal_tokens_are_written_down(crew: Crew) -> None:
    """A token that is made and revoked leaves two rows, without its name (T5)."""
    browser = crew.browser("Di")
    browser.post("/settings/tokens", {"name": "for Bo", "days": 30, "writes": "1", "nonce": "n"})
    token = crew.users["Di"].personal_tokens.get().pk
    browser.post(f"/settings/tokens/{token}/revoke")

    assert [row[2:] for row in told()] == [
        ("token.make", f"token {token}", {"days": 30, "writes": 1}),
        ("token.revoke", f"token {token}", {}),
    ]
