"""The form that takes an entry by hand back."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from farebox.services.ingest.by_hand import REASON_MAX
from farebox.web.operator_forms import Once


class WithdrawForm(Once):
    """Why an entry by hand is taken back, at the revision that was looked at."""

    revision = forms.IntegerField(min_value=0, max_value=2**31 - 2, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_MAX,
        help_text=_("The audit log shows it. Name nobody."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
