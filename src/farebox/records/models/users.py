"""Accounts of people who sign in, and the tokens they make for their scripts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from farebox.records.models.fields import instant_us


class UserManager(BaseUserManager["User"]):
    """Makes accounts; the address is canonical before it comes here."""

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> User:
        """Make an account; without a password nobody can sign in to it until one is set."""
        user = self.model(email=email, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # of oauth-toolkit's untyped models
    """One person's account; the canonical e-mail address is the identity (domain A3)."""

    email = models.EmailField(unique=True, max_length=254)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=5, blank=True)
    is_active = models.BooleanField(default=True)
    is_operator = models.BooleanField(default=False)
    created_us = instant_us(default=0)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return f"user {self.pk}"

    def get_full_name(self) -> str:
        """Return the name to greet with."""
        return self.name or self.email

    def get_short_name(self) -> str:
        """Return the name to greet with."""
        return self.get_full_name()


class PersonalToken(models.Model):
    """A bearer secret that a person made in Settings for a script; only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="personal_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    secret_hash = models.BinaryField(max_length=32, unique=True)
    scopes = models.CharField(max_length=100)
    created_us = instant_us()
    expires_us = instant_us()
    used_us = instant_us(null=True)
    revoked_us = instant_us(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(expires_us__gt=models.F("created_us")), name="token_expires"),
        ]

    def __str__(self) -> str:
        return f"personal token {self.prefix}…"
