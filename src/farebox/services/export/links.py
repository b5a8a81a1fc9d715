"""
Links to files that need no other proof: signed, for one file, and for a few minutes (usage-api 1.3, 6.1).

A link names the request, the attempt, the file's hash and whom it was given to; it opens that file or none, also after
the request was deleted, made again, or expired, and nothing once who it was given to may not read it any more (T3).
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.signing import BadSignature, Signer

from farebox.domain.clock import SECOND, Instant
from farebox.domain.errors import Forbidden
from farebox.records import exports
from farebox.records.models import ExportRequest
from farebox.records.models.exports import ExportState
from farebox.services.export import files

LINK_SECONDS = 300
"""For how long a link opens its file."""

_SALT = "farebox.download"


class Link(NamedTuple):
    """An address that anybody may fetch, and until when."""

    url: str
    expires: Instant


class Download(NamedTuple):
    """A finished file, as it is served."""

    path: Path
    file_name: str
    size_bytes: int
    sha256: str


def link_to(row: ExportRequest, *, reader: int = 0, now: Instant) -> Link | None:
    """
    Return a fresh link to the file of a request, or None while there is none.

    It opens the file as long as an account may see it: that of `reader`, or its owner's unless told.
    """
    if row.state != ExportState.READY or row.expires_us is None or row.expires_us <= now:
        return None
    expires = Instant(min(now + LINK_SECONDS * SECOND, row.expires_us))
    signed = Signer(salt=_SALT).sign(f"{row.pk}.{row.attempt}.{row.sha256}.{reader or row.owner_id}.{expires}")
    return Link(f"{settings.BASE_URL}/downloads/{signed}", expires)


def opened(signed: str, *, now: Instant) -> Download:
    """
    Return the file that a link opens.

    Raises `Forbidden` for a link that is forged or out of time, for one whose file is gone, and for one that was given
    to somebody who may not read the file any more; that is said in the words of a file that is gone.
    """
    try:
        export, attempt, sha256, reader, expires = Signer(salt=_SALT).unsign(signed).split(".")
    except (BadSignature, ValueError):
        raise Forbidden("this link is not valid; ask for a new one with refreshUrl") from None
    if now >= int(expires):
        raise Forbidden("this link has expired; ask for a new one with refreshUrl")
    row = exports.openable(int(export), attempt=int(attempt), sha256=sha256, reader_id=int(reader))
    path = files.path_of(int(export), int(attempt), files.ending_of(row.file_name)) if row else None
    if row is None or path is None or not path.is_file():
        raise Forbidden("the file of this link is no longer there")
    return Download(path, row.file_name, row.size_bytes, row.sha256)
