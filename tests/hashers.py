"""Hashing of passwords for tests: the same as the program's, with a fraction of the work."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """Argon2 that takes a tenth of a millisecond; how long it takes is no test's matter."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
