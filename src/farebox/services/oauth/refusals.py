"""Why a program is refused, in a sentence for those who write it; no sentence tells of another program's tokens."""

from __future__ import annotations

from enum import StrEnum


class Why(StrEnum):
    """The reasons that are found here; the library says the others."""

    CODE_UNKNOWN = "The code is not known for this program."
    CODE_USED = "The code was used before; all tokens that came of it have ended."
    CODE_OVER = "The code has expired: it lasts a minute."
    VERIFIER_ONLY = "A code_verifier came for a code that was asked for without a code_challenge."
    REFRESH_UNKNOWN = "The refresh token is not known for this program."
    REFRESH_USED = "The refresh token was used before, or the consent was taken back: all its tokens have ended."
    REFRESH_OVER = "The refresh token has expired: the person has to sign in again."
    PERSON_OUT = "The person may not sign in any more, or has left the team."
    SCOPE_NONE = "None of the scopes asked for is open to this program."
    SCOPE_BEYOND = "The scopes go beyond what was granted."
    ACTS_ITSELF = "The program acts as an administrator by itself; nobody signs in to it."
    NO_IMPLICIT = "The implicit grant is not open to this program."


_USUAL = {
    "invalid_client": "The client ID is not known or revoked, or the secret is missing or wrong.",
    "invalid_grant": "The code_verifier does not match the code_challenge.",
    "invalid_scope": Why.SCOPE_NONE,
    "unsupported_grant_type": "The grant types are authorization_code, refresh_token and client_credentials.",
    "unsupported_response_type": "The response type is code, or token where the implicit grant is open.",
    "unauthorized_client": "The grant is not open to this program.",
}
"""What is said where the library refuses without a word."""


def said(told: dict[str, str]) -> dict[str, str]:
    """Return the members of a refusal (RFC 6749, 4.1.2.1 and 5.2) with a description in any case."""
    error = told["error"]
    return {**told, "error_description": told.get("error_description") or _USUAL.get(error, error.replace("_", " "))}
