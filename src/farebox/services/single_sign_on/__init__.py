"""Single sign-on: teams' identity providers, the domains that they have proven, and who comes in through them."""

from farebox.records.single_sign_on import enforced, offered_anywhere, serving
from farebox.services.single_sign_on.connection import (
    Connection,
    Draft,
    connect,
    connection_of,
    disconnect,
    enforce,
    relax,
)
from farebox.services.single_sign_on.domains import Domain, check_due, claim, domains_of, drop, prove
from farebox.services.single_sign_on.entering import Refusal, SsoRefused, Vouched, enter
from farebox.services.single_sign_on.provider import Provider, ProviderError, key_of, provider_by_key

__all__ = [
    "Connection",
    "Domain",
    "Draft",
    "Provider",
    "ProviderError",
    "Refusal",
    "SsoRefused",
    "Vouched",
    "check_due",
    "claim",
    "connect",
    "connection_of",
    "disconnect",
    "domains_of",
    "drop",
    "enforce",
    "enforced",
    "enter",
    "key_of",
    "offered_anywhere",
    "prove",
    "provider_by_key",
    "relax",
    "serving",
]
