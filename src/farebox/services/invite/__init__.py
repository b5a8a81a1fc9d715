"""Inviting people into a team, and accepting: nobody gets an account or a place in a team in another way by mail."""

from farebox.records.chosen import Command
from farebox.services.invite.accepting import Look, accept, accept_new, look
from farebox.services.invite.inviting import Outcome, Said, invite, invite_primary
from farebox.services.invite.pending import Pending, pending, resend, role_asked, withdraw

__all__ = [
    "Command",
    "Look",
    "Outcome",
    "Pending",
    "Said",
    "accept",
    "accept_new",
    "invite",
    "invite_primary",
    "look",
    "pending",
    "resend",
    "role_asked",
    "withdraw",
]
