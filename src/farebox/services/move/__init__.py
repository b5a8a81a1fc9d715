"""
Tokens go to another team (domain L6): a part of one pack, or every living pack of a team that is merged into another.

What takes a `user` is for primary administrators, and looks itself whether one leads both teams (Action.MOVE_TOKENS).
"""

from farebox.services.move.moving import (
    Leaving,
    Merge,
    Move,
    Moved,
    leaving,
    merge,
    merged_before,
    move,
    moved_before,
    rehearse,
)

__all__ = ["Leaving", "Merge", "Move", "Moved", "leaving", "merge", "merged_before", "move", "moved_before", "rehearse"]
