"""
The operators' desk: acts that take one operator below a threshold and two above it (domain/approval).

The pages and the commands of the installation come through here, so that neither can do alone what takes two. It puts
services together, which do not know each other: the one that keeps proposals, and those that carry them out.
"""

from farebox.desk.acts import Act, Adjusting, Appointing, Consuming, Giving, Merging, Moving, Withdrawing
from farebox.desk.two import Waits, act, approve, threshold

__all__ = [
    "Act",
    "Adjusting",
    "Appointing",
    "Consuming",
    "Giving",
    "Merging",
    "Moving",
    "Waits",
    "Withdrawing",
    "act",
    "approve",
    "threshold",
]
