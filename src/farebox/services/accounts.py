"""Accounts of people who sign in: their passwords."""

from __future__ import annotations

from farebox.domain.errors import NotFound
from farebox.domain.teams import canonical
from farebox.records import db
from farebox.records.models import User


def set_password(address: str, password: str) -> User:
    """Give an account another password. Raises `NotFound` for an address without one."""
    with db.atomic():
        user = User.objects.filter(email=canonical(address)).first()
        if user is None:
            raise NotFound(f"no account {address}")
        user.set_password(password)
        user.save(update_fields=["password"])
    return user
