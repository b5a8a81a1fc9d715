"""
Live authorisation: may this person open this product now, what does it cost, and the charge that follows.

    asked       what a product asks and is answered
    facts       what is known at that moment, gathered for many questions at once
    launch      the decision, the reservation, the session
    running     heartbeats and closes
    review      what time alone decides: a hold is due, a window ends, a session fell silent
    conclude    what was seen of a session becomes a use and its charges
    lane        group commit: many requests, one transaction

A check and its reservation are one transaction with a guard on the pack (invariants E1, E2, E4).
"""

from farebox.services.authorise.asked import Answer, Beat, Close, Launch, Mode
from farebox.services.authorise.service import authorise, quotes, review_due, team_of

__all__ = ["Answer", "Beat", "Close", "Launch", "Mode", "authorise", "quotes", "review_due", "team_of"]
