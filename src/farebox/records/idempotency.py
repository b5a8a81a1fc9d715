"""Idempotency keys: the answer of a mutation, stored in the transaction of its effect (domain L8)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from farebox.domain.clock import Instant
from farebox.domain.errors import KeyReused
from farebox.records.models import IdempotencyKey

Answer = Mapping[str, Any]


def replayed(scope: str, key: str, request: Mapping[str, object]) -> Answer | None:
    """Return the answer that this request got before, if it did. Raises `KeyReused` for another request's key."""
    found = IdempotencyKey.objects.filter(scope=scope, key=key).first() if key else None
    if found is None:
        return None
    if bytes(found.fingerprint) != fingerprint(request):
        raise KeyReused(f"the idempotency key {key!r} was used for another request")
    answer: Answer = found.answer
    return answer


def remember(scope: str, key: str, request: Mapping[str, object], answer: Answer, *, at: Instant) -> None:
    """Store the answer of a mutation; call it in the mutation's own transaction."""
    if key:
        IdempotencyKey.objects.create(
            scope=scope, key=key, fingerprint=fingerprint(request), answer=dict(answer), created_us=at
        )


def fingerprint(request: Mapping[str, object]) -> bytes:
    """Return the hash by which a request is told from another."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).digest()
