"""
Groups: people of a team to whom products are assigned as one (product B7).

What a group is given its people may open, unless defaults are on; nobody is told by mail. Each act looks itself
whether who asks may manage the people of the team.
"""

from farebox.records.chosen import Command, Saved
from farebox.services.groups.acts import join, leave, make, remove, rename, set_products
from farebox.services.groups.shown import all_groups, group, group_named, preview_removal
from farebox.services.groups.told import GroupAccess, GroupRow, Member, Removal

__all__ = [
    "Command",
    "GroupAccess",
    "GroupRow",
    "Member",
    "Removal",
    "Saved",
    "all_groups",
    "group",
    "group_named",
    "join",
    "leave",
    "make",
    "preview_removal",
    "remove",
    "rename",
    "set_products",
]
