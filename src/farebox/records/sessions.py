"""
Sessions of people who are signed in: kept by the server, under the hash of what the browser holds.

A session ends eight hours after it was last used and a day after it began, whatever happens. Its key has 256 random
bits; the records hold its hash alone, so that nobody signs in with what they read there.  (quality: sessions)
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as Stored
from django.utils import timezone

from farebox.domain.clock import DAY, HOUR, MINUTE, Instant, instant, moment
from farebox.records import db
from farebox.records.models import Session

IDLE_US = 8 * HOUR
LONGEST_US = DAY
GUEST_US = HOUR
"""How long is remembered what somebody who is not signed in began: a sign-in, or a new password."""
NOTED_US = MINUTE
"""How exactly is known when a session was last used: each use is not worth a write."""

_BEGAN, _BROWSER, _USER = "began_us", "browser", "_auth_user_id"


class SessionStore(Stored):
    """A session of one browser."""

    seen_us = 0
    """When it was last seen, as it was read; 0 for one that was not read."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the table."""
        return Session

    def _get_new_session_key(self) -> str:
        return secrets.token_urlsafe(32)

    def _get_session_from_db(self) -> Session | None:
        row: Session | None = super()._get_session_from_db()  # type: ignore[misc]  # Django's own seam
        if row is not None:
            self.seen_us = row.seen_us
        return row

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row of a session, with when it ends."""
        now = instant(timezone.now())
        user = data.get(_USER)
        if user is not None:
            data.setdefault(_BEGAN, now)
        self.seen_us = now
        return Session(
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined]  # Django's own seam
            session_data=self.encode(data),
            expire_date=moment(_ends(data, now)),
            user_id=user,
            began_us=data.get(_BEGAN, now),
            seen_us=now,
            browser=data.get(_BROWSER, ""),
        )

    def note_use(self, now: Instant) -> None:
        """Put off the end of a session that is used; a minute makes no difference."""
        if not self.seen_us or now - self.seen_us < NOTED_US or self.modified:
            return
        with db.atomic():
            found = Session.objects.filter(session_key=self.session_key)
            found.update(seen_us=now, expire_date=moment(_ends(self._session, now)))  # type: ignore[attr-defined]
        self.seen_us = now

    def get_expiry_age(self, **kwargs: Any) -> int:
        """Return how many seconds a session lives without being used."""
        return int(timedelta(microseconds=IDLE_US).total_seconds())


def _ends(data: dict[str, Any], now: Instant) -> Instant:
    if _USER not in data:
        return Instant(now + GUEST_US)
    return Instant(min(now + IDLE_US, data.get(_BEGAN, now) + LONGEST_US))
