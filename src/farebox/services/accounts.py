"""Accounts of people who sign in: their passwords."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from farebox.domain.errors import NotFound, Problem, Rejected
from farebox.domain.teams import canonical
from farebox.records import db
from farebox.records.models import User


def set_password(address: str, password: str) -> User:
    """
    Give an account another password, which ends its sessions.

    Raises `NotFound` for an address without an account, `Rejected` for a password that is too weak.
    """
    with db.atomic():
        user = User.objects.filter(email=canonical(address)).first()
        if user is None:
            raise NotFound(f"no account {address}")
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise Rejected(Problem("/password", "weak_password", message) for message in error.messages) from error
        user.set_password(password)
        user.save(update_fields=["password"])
    return user
