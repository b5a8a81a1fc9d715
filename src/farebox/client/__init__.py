"""
A small client for programs that ask Farebox at the moment of use, and report what was used (docs/client.md).

    plain          Farebox: every call waits for its answer
    asynchronous   AsyncFarebox: the same with `await`
    steps          what both do, without doing it: what to send, when to wait
    running        a session that runs
    spool          sessions that could not be sent yet
    wire           requests as values
    answers        answers as values
    errors         what can go wrong

It knows nothing of the rest of Farebox, and needs httpx (the extra `client`).
"""

from __future__ import annotations

from importlib.util import find_spec

if find_spec("httpx") is None:
    raise ImportError("farebox.client needs httpx: install Farebox with its extra, pip install 'farebox[client]'")

from farebox.client.answers import Answer, Decision, Quote, Quotes, Receipt, Verdict, Window
from farebox.client.asynchronous import AsyncFarebox
from farebox.client.errors import CallFailed, Fault, NotAllowed, Refused, Unreachable
from farebox.client.plain import Farebox
from farebox.client.running import Running
from farebox.client.steps import Patience

__all__ = [
    "Answer",
    "AsyncFarebox",
    "CallFailed",
    "Decision",
    "Farebox",
    "Fault",
    "NotAllowed",
    "Patience",
    "Quote",
    "Quotes",
    "Receipt",
    "Refused",
    "Running",
    "Unreachable",
    "Verdict",
    "Window",
]
