"""What opens products besides a person's own assignments: groups, and the team's default set (domain A1, A2)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from farebox.records.models.catalogue import Product
from farebox.records.models.fields import instant_us
from farebox.records.models.teams import Person, Team


class Group(models.Model):
    """People of a team to whom products are assigned as one (product B7)."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="groups", db_index=False)
    name = models.CharField(max_length=100)
    created_us = instant_us()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="group_once")]

    def __str__(self) -> str:
        return f"group {self.pk}"


class GroupMember(models.Model):
    """One person in one group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="groups")
    since_us = instant_us()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "person"], name="group_member_once")]

    def __str__(self) -> str:
        return f"member {self.pk} of a group"


class GroupAssignment(models.Model):
    """A product that a group may open; without a product: all that the offer has at any time (domain A2)."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="assignments", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, related_name="+")
    since_us = instant_us()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "product"], name="group_assignment_once"),
            models.UniqueConstraint(
                fields=["group"], condition=Q(product__isnull=True), name="group_assignment_every_once"
            ),
        ]

    def __str__(self) -> str:
        return f"assignment {self.pk} of a group"


class DefaultProduct(models.Model):
    """
    A product that every member of a team may open: as long as there is one, defaults are on (domain A2).

    Products that join the offer never join this set by themselves [S 003].
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="default_products", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    since_us = instant_us()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "product"], name="default_product_once")]

    def __str__(self) -> str:
        return f"default product {self.pk}"
