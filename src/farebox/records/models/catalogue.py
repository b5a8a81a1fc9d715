"""What can be used: products, the codes that events know them by, their versions, and offers."""

from __future__ import annotations

from django.db import models

from farebox.domain.usage import UsageCategory
from farebox.records.models.fields import instant_us, one_of, word


class Family(models.Model):
    """Products of which the dearest used on a day is the one paid for, under an enterprise contract (domain N1)."""

    code = models.CharField(max_length=60, unique=True)

    def __str__(self) -> str:
        return f"family {self.code}"


class Product(models.Model):
    """Something that is metered and has a rate."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="products")
    category = word(UsageCategory)
    idle_aware = models.BooleanField(default=False)
    demo = models.BooleanField(default=False)
    where = models.CharField(max_length=500, blank=True, default="", db_default="", db_column="where_address")
    """The page where people get it, over http or https; empty where nobody said (product B8)."""
    where_note = models.CharField(max_length=200, blank=True, default="", db_default="")
    """What to know before getting it, in a sentence of the operator."""

    class Meta:
        constraints = [one_of("category", UsageCategory, name="product_category")]

    def __str__(self) -> str:
        return f"product {self.code}"


class ProductCode(models.Model):
    """Another code for a product: a feature code or an alias; a feature code may tell the version too."""

    code = models.CharField(max_length=120, unique=True)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="codes")
    version = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return f"code {self.code}"


class ProductVersion(models.Model):
    """A version that the catalogue knows; a product without any accepts every version (domain M2)."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="versions", db_index=False)
    code = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "code"], name="version_once")]

    def __str__(self) -> str:
        return f"version {self.code}"


class Offer(models.Model):
    """The products that a contract opens."""

    code = models.CharField(max_length=60, unique=True)

    def __str__(self) -> str:
        return f"offer {self.code}"


class OfferProduct(models.Model):
    """A product in an offer, from an instant on."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="entries", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    since_us = instant_us()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["offer", "product"], name="offer_product_once")]

    def __str__(self) -> str:
        return f"offered product {self.pk}"
