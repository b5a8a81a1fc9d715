"""Log lines that never get in the way: a disk too full for the log must not stop what is logged."""

from __future__ import annotations

import logging
import os
import re
import sys
from contextlib import suppress

import structlog
from django.core.exceptions import DisallowedHost, PermissionDenied

LINE_LENGTH_MAX = 200


class Unfailing:
    """The standard output, of which a line that cannot be written is lost and nothing else."""

    def write(self, text: str) -> int:
        """Write a text if that is possible."""
        with suppress(OSError):
            sys.stdout.write(text)
        return len(text)

    def flush(self) -> None:
        """Hand it on if that is possible."""
        with suppress(OSError):
            sys.stdout.flush()


class OneLine(logging.Filter):
    """Keep the line of a page that a person may not see, without the traceback that is for faults."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, one of a refusal without its traceback."""
        if record.exc_info and isinstance(record.exc_info[1], PermissionDenied):
            record.exc_info = None
        return True


class Hosts(logging.Filter):
    """Keep one short line of a request for a host that is not ours: anybody can send as many as they like."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, one of such a host as a warning without its traceback."""
        if record.exc_info and isinstance(record.exc_info[1], DisallowedHost):
            record.levelno, record.levelname, record.exc_info = logging.WARNING, "WARNING", None
            record.msg, record.args = record.getMessage()[:LINE_LENGTH_MAX], ()
        return True


class Links(logging.Filter):
    """Keep the line of a request without the secret that its address holds: who reads logs is not who was invited."""

    _SECRET = re.compile(r"(?<=/accounts/)(invitation|password)/[^\s?]+")

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without secrets of links."""
        if isinstance(record.args, tuple):
            hidden = (self._SECRET.sub(r"\1/…", one) if isinstance(one, str) else one for one in record.args)
            record.args = tuple(hidden)
        return True


class Short(logging.Filter):
    """Keep what a request said of itself short: addresses and origins are whatever anybody sends."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, with long words cut."""
        if isinstance(record.args, tuple):
            record.args = tuple(one[:LINE_LENGTH_MAX] if isinstance(one, str) else one for one in record.args)
        return True


def configure() -> None:
    """
    Let every logger of the program write that way; of a failure it tells the lines of code and no values in them.

    The values of a failed job are people's names as often as not (quality P1).
    """
    structlog.configure(
        processors=[*structlog.get_config()["processors"][:-1], _renderer()],
        logger_factory=structlog.WriteLoggerFactory(Unfailing()),  # type: ignore[arg-type]
    )


def _renderer() -> structlog.dev.ConsoleRenderer:
    is_terminal = bool(sys.stdout and sys.stdout.isatty()) and not os.environ.get("NO_COLOR")
    return structlog.dev.ConsoleRenderer(colors=is_terminal, exception_formatter=structlog.dev.plain_traceback)
