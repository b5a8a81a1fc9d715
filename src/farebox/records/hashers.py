"""
How secrets are hashed: passwords slowly and few at once, the random secrets of programs a single time.

Argon2id with 19 MiB and two passes takes some 30 ms. A flood of sign-ins would still take the machine, so at most two
passwords are hashed at once, and a password has at most 256 characters.  (quality: passwords)
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher
from django.core.validators import MaxLengthValidator

from farebox.domain.errors import Busy
from farebox.domain.teams import PASSWORD_LENGTH_MAX

AT_ONCE = 2
WAIT_SECONDS = 10.0
"""How long a sign-in waits for its turn before it is told to come again."""

_turns = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def turn(seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Wait for a turn to hash. Raises `Busy` where too many others are before it."""
    if not _turns.acquire(timeout=seconds):
        raise Busy("too many sign-ins at once; try again in a minute")
    try:
        yield
    finally:
        _turns.release()


class Argon2id(Argon2PasswordHasher):
    """Argon2id as quality.md asks for it; a hash made with other parameters is made anew at the next sign-in."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Hash a password when it is its turn; one that is too long is refused before it comes here."""
        if len(password) > PASSWORD_LENGTH_MAX:
            raise ValueError(f"a password has at most {PASSWORD_LENGTH_MAX} characters")
        with turn():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Compare a password when it is its turn; one that is too long is nobody's, and costs nothing."""
        if len(password) > PASSWORD_LENGTH_MAX:
            return False
        with turn():
            return super().verify(password, encoded)


class LengthValidator:
    """The longest password that is taken."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise `ValidationError` for a password that is too long."""
        MaxLengthValidator(PASSWORD_LENGTH_MAX)(password)

    def get_help_text(self) -> str:
        """Return nothing: nobody comes near it by chance."""
        return ""


class AppSecretHasher(PBKDF2PasswordHasher):
    """A single salted round, for client secrets of 128 random characters; never for a person's password."""

    algorithm = "app_secret"
    iterations = 1
