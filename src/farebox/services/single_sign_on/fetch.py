"""
Asking an identity provider: at the address that its name stands for, unless that is one of the own network.

The name is resolved once and that address is connected to, so that no second answer of the DNS counts. There are no
redirects and no proxies; an answer has five seconds and 64 KB.  (quality: SSRF)
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from contextlib import suppress
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.util.connection import create_connection

SECONDS = 5.0
BYTES_MAX = 64 * 1024
URL_LENGTH_MAX = 400
_PIECE = 4096
_made: ContextVar[list[HTTPConnection]] = ContextVar("farebox_provider_connections")
"""The connections of the question that is under way."""


class Unsafe(requests.RequestException):
    """An address that is not asked, or an answer that is not taken."""


def check(url: str) -> str:
    """Return an address that may be asked. Raises `Unsafe` for one that is no plain https address of a host."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Unsafe("not an address") from error
    schemes = ("https", "http") if settings.SSO_ALLOW_PRIVATE else ("https",)
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= URL_LENGTH_MAX
    if not plain or parts.scheme not in schemes or not parts.hostname or port == 0:
        raise Unsafe(f"an address begins with {' or '.join(f'{one}://' for one in schemes)} and names a host")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Unsafe("an address has no user, no password and no fragment")
    return url


class Careful(requests.Session):
    """A session of requests that keeps these rules, whoever uses it."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.headers.update({"Accept": "application/json", "Accept-Encoding": "identity"})
        self.mount("https://", _Adapter())
        self.mount("http://", _Adapter())

    def request(self, method: str | bytes, url: str | bytes, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """Ask, and read the answer as far as it may go. Raises `Unsafe` or another `RequestException`."""
        made: list[HTTPConnection] = []
        _made.set(made)
        is_over = threading.Event()
        end = threading.Timer(SECONDS, _cut, (made, is_over))
        end.daemon = True
        end.start()
        try:
            kwargs |= {"timeout": SECONDS, "allow_redirects": False, "stream": True}
            return _whole(super().request(str(method), check(str(url)), **kwargs), is_over)
        except (HTTPError, OSError) as error:
            if isinstance(error, requests.RequestException):
                raise
            raise Unsafe("the answer broke off, or was too slow") from error
        finally:
            end.cancel()


def _whole(response: requests.Response, is_over: threading.Event) -> requests.Response:
    """Return an answer that has been read to its end. Raises `Unsafe` for one that leads elsewhere or is too long."""
    body = bytearray()
    with response:
        if 300 <= response.status_code < 400:
            raise Unsafe("the provider sends us elsewhere")
        while piece := response.raw.read1(_PIECE, decode_content=False):
            body += piece
            if len(body) > BYTES_MAX or is_over.is_set():
                raise Unsafe("the answer is too long, or too slow")
    response._content = bytes(body)
    return response


def _cut(made: list[HTTPConnection], is_over: threading.Event) -> None:
    """End what takes too long, also while headers come: a timeout counts anew with each byte."""
    is_over.set()
    for one in made:
        if one.sock is not None:
            with suppress(OSError):
                one.sock.shutdown(socket.SHUT_RDWR)


def address_of(host: str, port: int) -> str:
    """Return the address that a host name stands for. Raises `OSError` for none, or where one is of the own network."""
    found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not settings.SSO_ALLOW_PRIVATE and not all(map(is_public, found)):
        raise OSError("an address of the own network")
    return found[0]


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the Internet, also where it is wrapped in another."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None) or _of_nat64(ip)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def _of_nat64(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    inside = ip in ipaddress.IPv6Network("64:ff9b::/96")
    return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF) if inside else None


class _Resolved:
    """What both kinds of connection have in common: the address is looked at before it is connected to."""

    def _new_conn(self: Any) -> socket.socket:
        try:
            where = address_of(self._dns_host, self.port)
            _made.get().append(self)
            return create_connection((where, self.port), self.timeout, socket_options=self.socket_options)
        except OSError as error:
            raise NewConnectionError(self, f"no connection: {type(error).__name__}") from error


class _Plain(_Resolved, HTTPConnection):
    """A connection without TLS, for tests and closed networks."""


class _Tls(_Resolved, HTTPSConnection):
    """A connection with TLS; the certificate is that of the name."""


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


class _Adapter(HTTPAdapter):
    """Connects through those pools."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        """Make the manager of the pools."""
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
