"""Mail: written when it is sent, in the language of whom it goes to, through any SMTP server or into a folder."""

from __future__ import annotations

from farebox.services.mail.outbox import Filed, Filing, filed, listed_files
from farebox.services.mail.sending import send_due
from farebox.services.mail.tending import Queued, Standing, outstanding, prune, retry, standing
from farebox.services.mail.trying import try_out

__all__ = [
    "Filed",
    "Filing",
    "Queued",
    "Standing",
    "filed",
    "listed_files",
    "outstanding",
    "prune",
    "retry",
    "send_due",
    "standing",
    "try_out",
]
