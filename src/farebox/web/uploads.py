"""A list that a form uploads, read no further than a whole list can be long."""

from __future__ import annotations

import io

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from farebox.domain.errors import Problem, Rejected
from farebox.domain.people_list import FILE_BYTES_MAX

FIELD = "list"


def uploaded(request: HttpRequest) -> io.BytesIO:
    """
    Return the file of a form; of one that is too large, as much as shows that it is.

    Raises `Rejected` where there is none. What is far too large does not arrive whole, and its file is missing then.
    """
    sent = request.FILES.get(FIELD)
    if isinstance(sent, UploadedFile):
        return io.BytesIO(sent.read(FILE_BYTES_MAX + 1))
    length = request.META.get("CONTENT_LENGTH") or "0"
    is_cut = length.isdecimal() and int(length) > FILE_BYTES_MAX
    raise Rejected([Problem("", "too_large" if is_cut else "no_file", "no file was sent")])
