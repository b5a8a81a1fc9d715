"""What somebody may do in a team now, for the edges."""

from farebox.records.standing import Account, Standing, is_member_anywhere, standing, standings

__all__ = ["Account", "Standing", "is_member_anywhere", "standing", "standings"]
