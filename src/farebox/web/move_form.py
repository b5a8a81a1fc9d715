"""What moving tokens between teams is asked for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from farebox.domain.amounts import Tokens
from farebox.web.numbers import number_in
from farebox.web.operator_forms import Once, TokensField


class NumberField(forms.ChoiceField):
    """
    A choice that is sent as the number of a record.

    Any number is taken: whether there is such a record, and whose, the service says, and then the page is not there.
    """

    def to_python(self, value: object) -> str:
        """Return the number as a choice has it."""
        text = super().to_python(value)
        number = number_in(text)
        return text if number is None else str(number)

    def valid_value(self, value: object) -> bool:
        """Tell whether it is a number that a record can have."""
        return number_in(str(value)) is not None


class TakenForm(Once):
    """Tokens taken from a pack for another team, and why."""

    amount = TokensField(required=False, label=_("Tokens"), help_text=_("Empty: all that is left of the pack."))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("Both teams see it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_amount(self) -> Tokens | None:
        """Refuse to take nothing."""
        amount: Tokens | None = self.cleaned_data["amount"]
        if amount == 0:
            raise forms.ValidationError(_("A move takes more than nothing."))
        return amount


class AcrossForm(TakenForm):
    """Tokens of a pack for another team, as an operator moves them."""

    to = forms.ChoiceField(label=_("To the team"))
    across = forms.BooleanField(label=_("Also where the teams have different primary administrators"), required=False)
    field_order = ("to", "amount", "reason", "across")


class _PackForm(TakenForm):
    """Tokens of one of the team's packs."""

    pack = NumberField(label=_("Pack"))


class MoveForm(_PackForm):
    """Tokens of a pack for another of one's teams."""

    to = NumberField(label=_("To the team"))
    field_order = ("pack", "to", "amount", "reason")


class OfferForm(_PackForm):
    """Tokens of a pack for who leads another team."""

    address = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("Of the primary administrator who shall have them."),
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("pack", "address", "amount", "reason")
