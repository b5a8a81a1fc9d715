"""
Who signed in, failed to, or signed out: a row of the audit log each (quality T5).

Passwords and second factors that change are written down by the services that change them.
"""

from __future__ import annotations

from typing import Any

import structlog
from allauth.account import signals as account
from allauth.mfa import signals as factors
from django.contrib.auth import signals as auth
from django.dispatch import Signal

from farebox.domain.errors import FareboxError
from farebox.services import refusals
from farebox.wallclock import now

log = structlog.get_logger()

_VERBS: dict[Signal, str] = {account.user_logged_in: "sign_in.done", auth.user_logged_out: "sign_in.out"}


def listen() -> None:
    """Write a row whenever one of these happens; called once, when the application is made."""
    for signal, verb in _VERBS.items():
        signal.connect(_writer(verb), weak=False, dispatch_uid=f"audited {verb} {id(signal)}")
    auth.user_login_failed.connect(_failed, dispatch_uid="audited failure")
    factors.authentication_failed.connect(_failed_factor, dispatch_uid="audited second factor")


def _writer(verb: str) -> Any:
    def happened(sender: object, user: Any = None, **kwargs: object) -> None:
        if user is not None and user.pk:
            _try(lambda: refusals.happened(user.pk, verb, now=now()))

    return happened


def _failed(sender: object, credentials: dict[str, Any], **kwargs: object) -> None:
    """Write down a sign-in that failed; whose it was is looked up whether or not there is such an account."""
    address = str(credentials.get("email") or credentials.get("login") or credentials.get("username") or "")
    _try(lambda: refusals.failed(address, now=now()))


def _failed_factor(sender: object, user: Any = None, **kwargs: object) -> None:
    if user is not None and user.pk:
        _try(lambda: refusals.failed_factor(user.pk, now=now()))


def _try(write: Any) -> None:
    """Write a row; who signs in is not kept from it where the records are busy."""
    try:
        write()
    except FareboxError as error:
        log.warning("a sign-in was not written down", code=error.code)
