"""How the secrets of programs are hashed: once, because they are random and need no stretching."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class AppSecretHasher(PBKDF2PasswordHasher):
    """A single salted round, for client secrets of 128 random characters; never for a person's password."""

    algorithm = "app_secret"
    iterations = 1
