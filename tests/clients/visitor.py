"""A person at a browser without scripts: opens addresses, keeps cookies, fills in the forms that come."""

from __future__ import annotations

from email.message import Message
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

HOPS_MAX = 12


class Form(NamedTuple):
    """A form of a page: where it goes, how, what it holds, and the buttons that send it."""

    action: str
    method: str
    fields: dict[str, str]
    buttons: list[tuple[str, str]]


class Page(NamedTuple):
    """What a browser shows: where it is, and the text that came."""

    address: str
    status: int
    text: str

    @property
    def forms(self) -> list[Form]:
        """The forms of the page, in order."""
        reader = _Forms()
        reader.feed(self.text)
        return reader.forms

    def form(self, *names: str) -> Form:
        """Return the form that has fields or buttons of these names."""
        for form in self.forms:
            if set(names) <= {*form.fields, *(name for name, _ in form.buttons)}:
                return form
        raise AssertionError(f"no form with {names} at {self.address}: {self.text}")


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get"), {}, []))
        elif self.forms and (tag == "button" or given.get("type") == "submit"):
            self.forms[-1].buttons.append((name, value))
        elif self.forms and name and tag in {"input", "select", "textarea"} and _counts(given):
            self.forms[-1].fields[name] = value


def _counts(given: dict[str, str]) -> bool:
    return given.get("type") not in {"radio", "checkbox"} or "checked" in given


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        """Leave redirects to the visitor, who may not want to go there."""


class Visitor:
    """Somebody with an account, and the browser that remembers their session."""

    def __init__(self, email: str, password: str) -> None:
        self.email = email
        self.password = password
        self._browser = build_opener(HTTPCookieProcessor(CookieJar()), _Stay())

    def open(self, address: str, *, stop: str = "") -> Page:
        """Open an address and go where it leads, signing in and consenting on the way; not beyond `stop`."""
        page = self._follow(address, None, stop)
        if page.status == 200 and any("password" in form.fields for form in page.forms):
            page = self.send(page, page.form("login", "password"), login=self.email, password=self.password, stop=stop)
        if page.status == 200 and any(("answer", "allow") in form.buttons for form in page.forms):
            page = self.send(page, page.form("answer"), answer="allow", stop=stop)
        return page

    def send(self, page: Page, form: Form, *, stop: str = "", **changed: str) -> Page:
        """Send a form with some fields filled in."""
        address = urljoin(page.address, form.action or page.address)
        return self._follow(address, {**form.fields, **changed}, stop, referrer=page.address)

    def _follow(self, address: str, fields: dict[str, str] | None, stop: str, *, referrer: str = "") -> Page:
        for _ in range(HOPS_MAX):
            if stop and address.startswith(stop):
                return Page(address, 302, "")
            status, headers, text = self._ask(address, fields, referrer)
            if status not in (301, 302, 303, 307):
                return Page(address, status, text)
            address, fields = urljoin(address, headers["location"]), None
        raise AssertionError(f"redirected without end to {address}")

    def _ask(self, address: str, fields: dict[str, str] | None, referrer: str) -> tuple[int, dict[str, str], str]:
        data = None if fields is None else urlencode(fields).encode()
        try:
            with self._browser.open(
                Request(address, data, {"Referer": referrer} if referrer else {}), timeout=60
            ) as got:
                return got.status, _lower(got.headers), got.read().decode()
        except HTTPError as other:
            with other:
                return other.code, _lower(other.headers), other.read().decode()


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
