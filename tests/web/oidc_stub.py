"""An identity provider on loopback, which vouches for whom a test says, and lies as a test says."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CLIENT, SECRET = "farebox", "a secret of the provider"
Claims = dict[str, Any]


@cache
def rsa_key(nth: int = 0) -> rsa.RSAPrivateKey:
    """Return a key; the same number gives the same one."""
    return rsa.generate_private_key(65537, 2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    """Return a key on a curve."""
    return ec.generate_private_key(ec.SECP256R1())


class OidcStub:
    """
    A provider: `person` is whom it vouches for, `sign` how it writes a token of claims.

    `about` are changes to what it says of itself, `keys` its keys, `userinfo` what it says besides.
    """

    def __init__(self) -> None:
        self.person: Claims = {"sub": "subject-1", "email": "ann@example.com", "email_verified": True, "name": "Ann"}
        self.sign: Callable[[Claims], object] = signed
        self.about: Claims = {}
        self.keys: list[Claims] = [public(rsa_key(), "one", "RS256"), public(ec_key(), "two", "ES256")]
        self.userinfo: Claims = {}
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"

    def claims(self, nonce: str, **more: Any) -> Claims:
        """Return what a token of this provider says."""
        at = int(time.time())
        times = {"iat": at, "exp": at + 300, "auth_time": at}
        return {"iss": self.issuer, "aud": CLIENT, **times, "nonce": nonce, **self.person, **more}

    def authorize(self, query: str) -> str:
        """Let the person through, and return where their browser is sent."""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def token(self, form: dict[str, str]) -> Claims | None:
        """Exchange a code, once, for whoever knows the secret and the verifier."""
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        good = asked is not None and challenge.rstrip(b"=").decode() == asked.get("code_challenge")
        if asked is None or not good or form.get("client_secret") != SECRET:
            return None
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return None
        token = self.sign(self.claims(asked.get("nonce", "")))
        return {"access_token": "access", "token_type": "Bearer", "expires_in": 60, "id_token": token}

    def described(self) -> Claims:
        """Return what the provider says of itself."""
        at = self.issuer
        return {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "userinfo_endpoint": f"{at}/userinfo",
            "jwks_uri": f"{at}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            **self.about,
        }


def public(key: Any, kid: str, algorithm: str) -> Claims:
    """Return the public half of a key, as a provider publishes it."""
    of_kind = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    return {**json.loads(of_kind.to_jwk(key.public_key())), "kid": kid, "alg": algorithm, "use": "sig"}


def signed(claims: Claims) -> str:
    """Sign as a provider does."""
    return jwt.encode(claims, rsa_key(), algorithm="RS256", headers={"kid": "one"})


def _handler(stub: OidcStub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers for the stub."""

        def do_GET(self) -> None:
            """Describe, let through, tell keys and people."""
            parts = urlsplit(self.path)
            stub.asked.append(parts.path)
            match parts.path:
                case "/authorize":
                    self.send_response(302)
                    self.send_header("Location", stub.authorize(parts.query))
                    self.end_headers()
                case "/jwks":
                    self._tell({"keys": stub.keys})
                case "/userinfo":
                    self._tell(stub.userinfo)
                case _:
                    self._tell(stub.described())

        def do_POST(self) -> None:
            """Exchange a code."""
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            told = stub.token({name: values[0] for name, values in parse_qs(body).items()})
            self._tell(told or {"error": "invalid_grant"}, 200 if told else 400)

        def _tell(self, told: Claims, status: int = 200) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    return Handler


@contextmanager
def provider() -> Iterator[OidcStub]:
    """Run a provider."""
    stub = OidcStub()
    thread = threading.Thread(target=stub.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield stub
    finally:
        stub.server.shutdown()
        thread.join()
        stub.server.server_close()
