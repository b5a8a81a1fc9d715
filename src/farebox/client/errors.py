"""
What can go wrong between a program and Farebox, as one tree.

    CallFailed
    ├── Unreachable     nothing came back, or only that the server is busy, until patience ran out
    ├── Refused         the server answered with a problem document
    └── NotAllowed      the server said no to a launch, or that the person has to be asked first
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from farebox.client.answers import Answer


class Fault(NamedTuple):
    """One thing that the server found wrong: where (a JSON pointer), a stable code, and a sentence."""

    pointer: str
    code: str
    message: str


class CallFailed(Exception):
    """A call that did not do what it was for."""


class Unreachable(CallFailed):
    """
    A call that was not answered, whose effect is unknown.

    It may be made again: every call carries what lets the server know it again.
    """


class Refused(CallFailed):
    """A call that the server refused: status, stable code, sentence, and every problem."""

    def __init__(self, status: int, code: str, detail: str, faults: tuple[Fault, ...] = ()) -> None:
        self.status = status
        self.code = code
        self.detail = detail
        self.faults = faults
        super().__init__(f"{status} {code}: {detail}")


class NotAllowed(CallFailed):
    """A launch that was denied, or that costs something nobody agreed to; `answer` says which, and the price."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(f"{answer.decision}: {answer.reason}")
