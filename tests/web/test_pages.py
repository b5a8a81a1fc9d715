"""The pages as plain HTML: what they say, to whom, and what they refuse."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import subprocess

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.web.used import PASSWORD, Used, ago, person, written
from tests.world import World, event

from farebox.domain.clock import MINUTE, Instant, day_of, instant
from farebox.domain.rights import Role
from farebox.records.models import IdempotencyKey, PersonalToken
from farebox.services import report
from farebox.web.choice import choose
from farebox.web.middleware import CONTENT_SECURITY_POLICY, FORMS
from farebox.web.question import read
from farebox.web.reports import summary

PAGE = "/reporting/token-usage"


@pytest.fixture
def ann(used: Used, client: Client) -> Client:
    """Return a client in which Ann is signed in."""
    client.force_login(used.ann)
    return client


def text_of(page: str) -> str:
    """Return the words of a page, without tags and runs of blanks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page))).strip()


def test_the_upper_part_shows_the_balance(ann: Client) -> None:
    """Left, used, added and removed stand apart; what expired is named (domain R7)."""
    words = text_of(ann.get(PAGE).content.decode())

    assert "Tokens left 83 83% of 100" in words
    assert "Tokens used 17" in words
    assert "+100" in words
    assert "−286" in words
    assert "286 of the removed expired with their pack." in words


def test_the_lower_part_follows_the_range(ann: Client) -> None:
    """Thirty days count two uses by two people; the previous thirty had one."""
    words = text_of(ann.get(PAGE, {"range": "30d"}).content.decode())

    assert "Total tokens used 17 ▲ 143% more than in the previous period" in words
    assert "Products used 2 ▲ 100% more" in words
    assert "Total users 2 ▲ 100% more" in words


def test_the_file_holds_what_the_page_shows(ann: Client, used: Used) -> None:
    """The CSV file has the rows of the table, and those that the API gives (domain R3)."""
    answer = ann.get(PAGE, {"range": "30d", "format": "csv"})
    rows = list(csv.reader(io.StringIO(answer.content.decode())))

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="token-usage-')
    assert rows == [
        ["usageDate", "tokensConsumed"],
        [ago(3).date().isoformat(), "10"],
        [ago(2).date().isoformat(), "7"],
    ]


def test_the_command_asks_the_same_question(ann: Client, used: Used) -> None:
    """The command on the page is one that a shell reads, and its query gives the rows of the page (domain R3)."""
    page = ann.get(PAGE, {"range": "30d"}).content.decode()
    found = re.search(r'<code id="api-command">(.*?)</code>', page, re.DOTALL)
    assert found

    shell = "curl() { cat; }\n" + html.unescape(found[1])
    asked = json.loads(subprocess.run(["/bin/sh", "-c", shell], capture_output=True, check=True).stdout)

    question = report.Question(fields=tuple(asked["fields"]), metrics=tuple(asked["metrics"]), where=asked["where"])
    rows = report.answer(question, report.contract_of(used.ann, used.number)).rows
    file = ann.get(PAGE, {"range": "30d", "format": "csv"}).content.decode()
    assert [f"{day},{tokens}" for day, tokens in rows] == file.split("\r\n")[1:-1]


def test_every_problem_is_listed(ann: Client) -> None:
    """A wrong address gives 400, names all that is wrong, keeps what was typed, and the balance still shows."""
    answer = ann.get(PAGE, {"range": "custom", "since": "2026-02-30", "until": "<b>", "format": "pdf"})
    words = text_of(answer.content.decode())

    assert answer.status_code == 400
    assert "The first date is not in the calendar." in words
    assert "The last date is not in the calendar." in words
    assert "There is no such format." in words
    assert "Tokens left 83" in words
    assert "<b>" not in answer.content.decode()


def test_the_dates_are_always_printed(ann: Client) -> None:
    """Every range says its dates and how many they are (domain T4)."""
    words = text_of(ann.get(PAGE, {"range": "custom", "since": "2026-01-15", "until": "2026-02-14"}).content.decode())

    assert "Jan 15 – Feb 14, 2026 (31 days, dates in UTC)" in words
    assert "Previous period: Dec 15, 2025 – Jan 14, 2026" in words


@pytest.mark.usefixtures("_warehouse")
def test_a_warehouse_without_anything_is_as_of_now(world: World, client: Client) -> None:
    """Before the first projection the page shows the present moment: an empty warehouse knows none."""
    ann, at = person("ann@example.com", world, Role.PRIMARY), instant(timezone.now())
    world.give("100", since=written(ago(5)))
    world.send(event("a", "bo@example.com", "A", written(ago(2)), written(ago(2, 10))), now=Instant(at - MINUTE))

    contracts = report.contracts_of(ann)
    shown = summary.gather(choose(contracts, ""), read({}, today=day_of(at)), at=at)
    client.force_login(ann)
    words = text_of(client.get(PAGE).content.decode())

    assert shown.as_of == at
    assert "As of" in words
    assert "1970" not in words


def test_a_contract_without_use_says_what_comes_next(ann: Client, used: Used) -> None:
    """An untouched contract teaches the next step instead of showing zeros."""
    words = text_of(ann.get(PAGE, {"contract": used.world.ent_contract.number}).content.decode())

    assert "Nothing to show yet" in words
    assert "Total tokens used" not in words


def test_a_range_without_use_leads_to_the_last_one(ann: Client) -> None:
    """Dates without use name the last use and link to its month."""
    page = ann.get(PAGE, {"range": "custom", "since": "2026-01-01", "until": "2026-01-01"}).content.decode()

    assert "The last use was on" in page
    assert f"since={ago(2).replace(day=1).date().isoformat()}" in page


@pytest.mark.parametrize("number", ["no-such", "' OR 1=1", "%00"])
def test_a_contract_that_is_not_theirs_is_not_there(ann: Client, number: str) -> None:
    """Foreign and unknown contracts give the same answer (quality T2)."""
    assert ann.get(PAGE, {"contract": number}).status_code == 404


def test_a_stranger_sees_no_contract(used: Used, client: Client) -> None:
    """A person without a role is told whom to ask; the contract's number gives 404 (quality T2)."""
    client.force_login(person("zed@example.com"))

    assert "you administer none" in text_of(client.get(PAGE).content.decode())
    assert client.get(PAGE, {"contract": used.number}).status_code == 404


def test_a_user_who_is_no_administrator_sees_no_usage(used: Used, client: Client) -> None:
    """The role USER reads no reports (quality, authorization matrix)."""
    client.force_login(person("uma@example.com", used.world))

    assert client.get(PAGE, {"contract": used.number}).status_code == 404


@pytest.mark.parametrize("path", [PAGE, "/settings"])
@pytest.mark.django_db
def test_nobody_reads_without_signing_in(client: Client, path: str) -> None:
    """Pages lead to the sign-in page and come back after it."""
    answer = client.get(path)

    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={path}"


@pytest.mark.parametrize("path", [PAGE, "/settings", "/accounts/login/", "/no-such-page"])
def test_every_answer_is_guarded(ann: Client, path: str) -> None:
    """The content policy, no sniffing, no referrer abroad and no store are on every page."""
    answer = ann.get(path)

    assert answer["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]


def test_no_page_styles_or_scripts_in_place(ann: Client) -> None:
    """Nothing on a page needs what the content policy refuses."""
    for path in (PAGE, "/settings"):
        page = ann.get(path).content.decode()
        assert " style=" not in page
        assert not re.search(r"<script(?![^>]*\ssrc=)|\son\w+=|<style|javascript:", page)


@pytest.mark.parametrize(
    ("accepted", "language", "title"),
    [
        ("sv-SE,sv;q=0.9", "sv", "Tokenanvändning"),
        ("fr", "fr", "Utilisation des jetons"),
        ("ja", "ja", "トークン使用状況"),
        ("de", "en", "Token usage"),
        ("", "en", "Token usage"),
    ],
)
def test_the_browser_names_the_language(ann: Client, accepted: str, language: str, title: str) -> None:
    """Without a choice the page speaks what the browser accepts, or English."""
    answer = ann.get(PAGE, headers={"accept-language": accepted})

    assert f'<html lang="{language}"' in answer.content.decode()
    assert f"<h1>{title}</h1>" in answer.content.decode()
    assert answer["Content-Language"] == language


def test_the_choice_of_the_person_wins(ann: Client, used: Used) -> None:
    """The language menu remembers the choice with the person, over what the browser accepts."""
    answer = ann.post("/language", {"language": "ja", "next": f"{PAGE}?range=3m"})
    used.ann.refresh_from_db()

    assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}?range=3m")
    assert used.ann.language == "ja"
    assert '<html lang="ja"' in ann.get(PAGE, headers={"accept-language": "sv"}).content.decode()


@pytest.mark.django_db
def test_the_choice_of_a_visitor_stays_in_a_cookie(client: Client) -> None:
    """Before signing in the language is kept in a cookie."""
    client.post("/language", {"language": "fr", "next": "/accounts/login/"})

    assert '<html lang="fr"' in client.get("/accounts/login/", headers={"accept-language": "sv"}).content.decode()


@pytest.mark.parametrize(
    "place", ["https://example.org/", "//example.org", "javascript:alert(1)", "", "\\\\example.org"]
)
@pytest.mark.parametrize("menu", ["language", "theme"])
@pytest.mark.django_db
def test_a_menu_leads_to_our_own_pages_only(client: Client, menu: str, place: str) -> None:
    """What comes back after a choice is a path of ours, never another site."""
    chosen = {"language": "sv", "theme": "dark"}[menu]

    assert client.post(f"/{menu}", {menu: chosen, "next": place})["Location"] == "/"


@pytest.mark.parametrize(("menu", "value"), [("language", "tlh"), ("theme", "pink"), ("language", ""), ("theme", "")])
@pytest.mark.django_db
def test_a_menu_takes_its_own_choices_only(client: Client, menu: str, value: str) -> None:
    """Any other value is refused and nothing is remembered."""
    answer = client.post(f"/{menu}", {menu: value})

    assert answer.status_code == 400
    assert not answer.cookies


@pytest.mark.django_db
def test_the_theme_is_drawn_by_the_server(client: Client) -> None:
    """The chosen theme is in the page itself, so that it holds without scripts; the system decides otherwise."""
    client.post("/theme", {"theme": "dark", "next": "/accounts/login/"})
    assert 'data-theme="dark"' in client.get("/accounts/login/").content.decode()

    client.post("/theme", {"theme": "system", "next": "/accounts/login/"})
    assert 'data-theme="system"' in client.get("/accounts/login/").content.decode()


def test_a_token_is_shown_once(ann: Client) -> None:
    """Making a token shows its secret in that answer alone; the list knows it by its beginning."""
    made = ann.post("/settings/tokens", {"name": "Monthly <report>", "days": "30"}).content.decode()
    found = re.search(r'<code id="new-token">(\S+)</code>', made)
    assert found
    later = ann.get("/settings").content.decode()

    assert found[1] not in later
    assert found[1][:10] in later
    assert "Monthly &lt;report&gt;" in later


@pytest.mark.parametrize(
    "wrong", [{"name": "", "days": "30"}, {"name": "x", "days": "0"}, {"name": "x", "days": "366"}, {"name": "x" * 101}]
)
def test_a_token_needs_a_name_and_an_end(ann: Client, wrong: dict[str, str]) -> None:
    """A token without a name, or for longer than a year, is not made; the form says why."""
    answer = ann.post("/settings/tokens", wrong)

    assert answer.status_code == 400
    assert "errorlist" in answer.content.decode()
    assert "You have no personal tokens." in text_of(answer.content.decode())


def test_a_token_ends_when_it_is_revoked(ann: Client) -> None:
    """Revoking takes the token off the list and says so; another person's is not there."""
    page = ann.post("/settings/tokens", {"name": "x", "days": "30"}).content.decode()
    found = re.search(r"/settings/tokens/(\d+)/revoke", page)
    assert found
    path = found[0]

    stranger = Client()
    stranger.force_login(person("zed@example.com"))
    assert stranger.post(path).status_code == 404
    assert "The token is revoked." in text_of(ann.post(path, follow=True).content.decode())
    assert ann.post(path).status_code == 404


def nonce_of(page: str) -> str:
    """Return the nonce of the form that makes tokens."""
    found = re.search(r'name="nonce" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_reload_makes_no_other_token(ann: Client, used: Used) -> None:
    """The same form sent again makes nothing, and says that the token is made and its secret was shown (L8)."""
    form = {"name": "Monthly report", "days": "30", "nonce": nonce_of(ann.get("/settings").content.decode())}
    made = ann.post("/settings/tokens", form).content.decode()

    again = ann.post("/settings/tokens", form)

    assert 'id="new-token"' in made
    assert again.status_code == 409
    assert "its secret was shown that once" in text_of(again.content.decode())
    assert "new-token" not in again.content.decode()
    assert "Revoke Monthly report" in again.content.decode()
    assert PersonalToken.objects.filter(user=used.ann).count() == 1


def test_every_form_makes_a_token_of_its_own(ann: Client, used: Used) -> None:
    """Each rendered form has a nonce of its own, so that equal tokens can be made on purpose."""
    asked, nonces = {"name": "x", "days": "30"}, []
    page = ann.get("/settings").content.decode()
    for _time in range(2):
        nonces.append(nonce_of(page))
        page = ann.post("/settings/tokens", {**asked, "nonce": nonces[-1]}).content.decode()
        assert 'id="new-token"' in page

    assert len({*nonces, nonce_of(page)}) == 3
    assert PersonalToken.objects.filter(user=used.ann).count() == 2


def test_the_secret_is_not_in_the_stored_answer(ann: Client) -> None:
    """What is remembered against repetition holds no secret (quality T3)."""
    made = ann.post("/settings/tokens", {"name": "x", "days": "30", "nonce": "n"}).content.decode()
    found = re.search(r'<code id="new-token">(\S+)</code>', made)
    stored = IdempotencyKey.objects.get(scope__startswith="token:")

    assert found
    assert found[1] not in str(stored.answer)
    assert stored.answer.keys() == {"token"}


def test_the_menus_of_an_answer_lead_back_to_the_settings(ann: Client) -> None:
    """After a token is made, choosing a language or a theme shows the settings, not an address without a page."""
    page = ann.post("/settings/tokens", {"name": "x", "days": "30"}).content.decode()

    assert set(re.findall(r'name="next" value="([^"]*)"', page)) == {"/settings"}


@pytest.mark.parametrize("path", ["/settings/tokens", "/settings/tokens/1/revoke"])
def test_an_address_of_a_form_leads_to_the_settings(ann: Client, used: Used, path: str) -> None:
    """Who opens the address of a form by itself lands on the settings, and nothing changes."""
    answer = ann.get(path, {"name": "x", "days": "30"})

    assert (answer.status_code, answer["Location"]) == (302, "/settings")
    assert not PersonalToken.objects.filter(user=used.ann).exists()


@pytest.mark.parametrize("path", ["/language", "/theme"])
def test_a_choice_takes_a_form(ann: Client, path: str) -> None:
    """A link chooses nothing; it shows a page of ours, which leads on."""
    answer = ann.get(path)

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "Nothing was changed" in answer.content.decode()
    assert '<p><a href="/">' in answer.content.decode()


@pytest.mark.parametrize("name", FORMS)
def test_an_address_of_a_form_leads_to_the_form(used: Used, client: Client, name: str) -> None:
    """Whose session ended before a form was sent is led to its address by the sign-in: never to an empty answer."""
    client.force_login(used.ann)
    numbered = {"users-invite-again", "users-end-sessions", "users-resend"}

    answer = client.get(reverse(name, args=[1] if name in numbered else []))

    assert answer.status_code == 405
    assert f'<p><a href="{reverse(FORMS[name])}">' in answer.content.decode()


@pytest.mark.parametrize("path", ["/settings/tokens", "/language", "/theme", "/settings/tokens/1/revoke"])
def test_nothing_changes_from_elsewhere(ann: Client, path: str) -> None:
    """What changes something takes the form's own secret."""
    guarded = Client(enforce_csrf_checks=True)
    guarded.cookies = ann.cookies

    assert guarded.post(path, {"name": "x", "days": "3"}).status_code == 403


def test_sign_in_and_out(used: Used, client: Client) -> None:
    """An administrator signs in with the e-mail address and lands on the first page; signing out ends it."""
    answer = client.post("/accounts/login/", {"login": "Ann@example.com", "password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == "/"
    assert "What is left" in answer.content.decode()

    client.post("/accounts/logout/")
    assert client.get(PAGE).status_code == 302


@pytest.mark.django_db
def test_a_wrong_password_is_said_in_the_language(client: Client) -> None:
    """A refused sign-in gives no hint whether the account exists, and speaks the reader's language."""
    answer = client.post(
        "/accounts/login/",
        {"login": "nobody@example.com", "password": "wrong wrong wrong"},
        headers={"accept-language": "sv"},
    )

    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert '<html lang="sv"' in answer.content.decode()


@pytest.mark.django_db
def test_who_forgot_a_password_is_led_to_a_new_one(client: Client) -> None:
    """The sign-in page links to where one is asked for; labels alone name its fields."""
    page = client.get("/accounts/login/").content.decode()

    assert 'href="/accounts/password/reset/"' in page
    assert "placeholder" not in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page", ["signup", "email", "password/change", "password/set", "social/signup", "reauthenticate"]
)
def test_nobody_signs_up_alone(ann: Client, page: str) -> None:
    """Nobody signs up alone, and nobody takes another address: the pages that could are not there."""
    assert ann.get(f"/accounts/{page}/").status_code == 404
    assert ann.post(f"/accounts/{page}/", {"email": "new@example.com", "action_add": ""}).status_code == 404


@pytest.mark.django_db
def test_the_icon_is_served(client: Client) -> None:
    """Browsers ask for the icon on their own, and get one."""
    answer = client.get("/favicon.ico")

    assert answer["Content-Type"] == "image/x-icon"
    assert answer.content[:4] == b"\0\0\1\0"


@pytest.mark.django_db
def test_what_is_not_there_is_said_in_our_frame(client: Client) -> None:
    """An unknown address has a page of ours, in the reader's language."""
    answer = client.get("/no-such-page", headers={"accept-language": "fr"})

    assert answer.status_code == 404
    assert "Introuvable" in answer.content.decode()
