"""A web application on its own server: who visits is sent to sign in, comes back with a code, and sees usage drawn."""

from __future__ import annotations

import json
import traceback
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.clients.programs import wire
from tests.clients.programs.wire import BASE, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, call

VERSION = wire.setting("AUTH_VERSION", "v2")


class App:
    """What an application of its kind does; how it asks and what it draws is each one's own."""

    scopes = ""
    in_form = True
    """Whether the secret goes into the form; otherwise it goes into the Authorization header."""

    def serve(self) -> None:
        """Serve until one visitor has seen the drawing."""
        self.done = False
        wire.listen(REDIRECT_URI, self.page, until=lambda: self.done)

    def page(self, path: str, query: dict[str, str]) -> wire.Page:
        """Answer a visitor."""
        if path != urlsplit(REDIRECT_URI).path:
            return 302, {"Location": self.sign_in_address()}, ""
        self.done = True
        try:
            drawn = self.drawn(self.tokens(query["code"])) | {"state": query.get("state")}
        except Exception:
            return 500, {"Content-Type": "text/plain"}, traceback.format_exc()
        return 200, {"Content-Type": "application/json"}, json.dumps(drawn)

    def sign_in_address(self) -> str:
        """Return where visitors sign in; the scopes are joined with plus signs."""
        asked = {"response_type": "code", "client_id": CLIENT_ID, "redirect_uri": REDIRECT_URI, "state": "kept"}
        return f"{BASE}/authentication/{VERSION}/authorize?{urlencode(asked | {'scope': self.scopes})}"

    def tokens(self, code: str) -> dict[str, Any]:
        """Exchange the code for tokens."""
        return self.granted({"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI})

    def granted(self, form: dict[str, str]) -> dict[str, Any]:
        """Ask the token endpoint. Raises `KeyError` where a member is missing that the application reads."""
        from base64 import b64encode

        headers: dict[str, str] = {}
        if self.in_form:
            form = {**form, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        else:
            basic = b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
            headers = {"Authorization": f"Basic {basic}"}
        path = "token" if VERSION == "v2" else "gettoken"
        reply = call("POST", f"{BASE}/authentication/{VERSION}/{path}", form=form, headers=headers)
        if reply.status != 200:
            raise RuntimeError(f"{reply.status} {reply.text}")
        found: dict[str, Any] = reply.json
        return {name: found[name] for name in ("access_token", "refresh_token", "token_type", "expires_in")}

    def drawn(self, tokens: dict[str, Any]) -> dict[str, Any]:
        """Return what the visitor sees."""
        raise NotImplementedError
