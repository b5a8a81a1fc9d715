"""Addresses that people are sent back to after they let a program in: which may be registered, and what matches one."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

LENGTH_MAX = 500
_NOT_IN_ONE = frozenset(" \"'<>\\^`{|};,*")
"""What is no part of an address, or would end one in a header or a list."""


class Fault(StrEnum):
    """Why people may not be sent back to an address."""

    NOT_WHOLE = "an address to return to is whole, like https://app.example.com/callback"
    TOO_MUCH = "an address to return to has no fragment and no user"
    HTTP = (
        "http is for the person's own machine alone, like http://127.0.0.1/callback; use https, or set "
        "FAREBOX_OAUTH_COMPATIBILITY=1, which allows http to other machines"
    )


def fault(address: str, *, http_anywhere: bool) -> Fault | None:
    """Return why people may not be sent back to an address, or None where they may."""
    parts = _split(address)
    whole = address.isascii() and address.isprintable() and not set(address) & _NOT_IN_ONE
    if parts is None or not whole or len(address) > LENGTH_MAX or parts.scheme not in ("http", "https"):
        return Fault.NOT_WHOLE
    if "#" in address or "@" in parts.netloc:
        return Fault.TOO_MUCH
    if parts.scheme == "http" and not http_anywhere and not is_local(parts.hostname or ""):
        return Fault.HTTP
    return None


def matches(asked: str, registered: str, *, any_port: bool) -> bool:
    """
    Tell whether an address is the registered one, character by character.

    `any_port` lets a program on the person's own machine listen where it can (RFC 8252, section 7.3): for addresses
    written as numbers alone, as `localhost` may be another machine.
    """
    if asked == registered:
        return True
    one, other = _split(asked), _split(registered)
    if not any_port or one is None or other is None or other.scheme != "http" or "#" in asked or "@" in one.netloc:
        return False
    host = other.hostname or ""
    without_port = one._replace(netloc=host) == other._replace(netloc=host)
    return one.hostname == host and host != "localhost" and is_local(host) and without_port


def is_local(host: str) -> bool:
    """Tell whether a host is the machine itself."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None
