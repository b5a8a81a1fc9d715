"""The forms of the settings page and of the sign-in page."""

from __future__ import annotations

from allauth.account.forms import LoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

TOKEN_DAYS_MAX = 365
TOKEN_DAYS_USUAL = 90


class TokenForm(forms.Form):
    """What a personal token needs: a name to know it by, and how long it works."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("What the token is for, such as “Monthly report”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.IntegerField(
        label=_("Days valid"),
        min_value=1,
        max_value=TOKEN_DAYS_MAX,
        initial=TOKEN_DAYS_USUAL,
        help_text=_("From 1 to 365. The token ends by itself after that."),
    )
    nonce = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    """Names one rendered form: sent twice, it makes one token."""


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth has no types
    """Address and password; labels say what a field is for, and nothing repeats them inside it."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
