"""The folder in which mails are written where no mail server is set: as files that any mail program opens."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from farebox.domain.clock import Instant
from farebox.domain.errors import NotFound
from farebox.domain.mails import KEPT

LISTED_MAX = 200
_NAME = re.compile(r"(?P<at>[0-9]{17})-(?P<number>[0-9]{1,19})", re.ASCII)


class Filing(NamedTuple):
    """A mail in the folder: the name of its file without the ending, and what its headers tell."""

    name: str
    at: Instant
    to: str
    subject: str
    language: str


@dataclass(frozen=True, slots=True)
class Filed:
    """A mail in the folder with its words, as text and as the source of its HTML."""

    filing: Filing
    text: str
    html: str


def file_away(written: bytes, number: int, *, now: Instant) -> None:
    """Write a mail into the folder, readable by the owner only; the same mail again replaces the file."""
    folder = Path(settings.OUTBOX)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / f"{now:017d}-{number}.eml"
    draft = target.with_suffix(".part")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(written)
    draft.replace(target)


def listed_files() -> list[Filing]:
    """Return the mails in the folder, the latest first."""
    names = sorted((path.stem for path in Path(settings.OUTBOX).glob("*.eml")), reverse=True)
    found = []
    for name in [name for name in names if _NAME.fullmatch(name)][:LISTED_MAX]:
        with suppress(NotFound):  # it was taken away meanwhile
            found.append(filed(name).filing)
    return found


def filed(name: str) -> Filed:
    """Return one mail of the folder. Raises `NotFound`, for whatever is no name of a mail as well."""
    parts = _NAME.fullmatch(name)
    if parts is None:
        raise NotFound("no such mail")
    try:
        written = (Path(settings.OUTBOX) / f"{name}.eml").read_bytes()
    except OSError as error:
        raise NotFound("no such mail") from error
    read = message_from_bytes(written, policy=policy.default)
    to, subject, language = (str(read[header] or "").strip() for header in ("To", "Subject", "Content-Language"))
    filing = Filing(name, Instant(int(parts["at"])), to, subject, language)
    return Filed(filing, _part(read, "plain"), _part(read, "html"))


def clear(*, now: Instant) -> None:
    """Take away the files that are older than mails are kept."""
    for path in Path(settings.OUTBOX).glob("*.eml"):
        parts = _NAME.fullmatch(path.stem)
        if parts is not None and int(parts["at"]) < now - KEPT:
            path.unlink(missing_ok=True)


def _part(read: EmailMessage, form: str) -> str:
    body = read.get_body(preferencelist=(form,))
    return str(body.get_content()) if body is not None else ""
