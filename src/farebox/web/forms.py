"""The forms of the settings, of the programs of a team, and of the sign-in page."""

from __future__ import annotations

from enum import StrEnum

from allauth.account.forms import LoginForm
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

TOKEN_DAYS_MAX = 365
TOKEN_DAYS_USUAL = 90


class TokenForm(forms.Form):
    """What a personal token needs: a name to know it by, how long it works, and what it may."""

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
    writes = forms.ChoiceField(
        label=_("It may"),
        required=False,
        choices=[("", _("read")), ("1", _("read and write"))],
        help_text=_(
            "Writing is requesting exports, changing their schedules, and replacing charge-back values of people."
        ),
    )
    nonce = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    """Names one rendered form: sent twice, it makes one token."""


class Kind(StrEnum):
    """How a program proves who it is."""

    SERVER = "server"
    SERVER_PKCE = "server-pkce"
    PUBLIC = "public"
    IMPLICIT = "implicit"


_KINDS = {
    Kind.SERVER: _("A program on a server, with a secret"),
    Kind.SERVER_PKCE: _("A program on a server, with a secret and PKCE"),
    Kind.PUBLIC: _("A program on a person’s device or in a browser, without a secret, with PKCE"),
    Kind.IMPLICIT: _("A page of the older kind, to which the token comes in the address"),
}


class ClientForm(forms.Form):
    """What the registration of a program needs."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("People see it when they are asked whether to let the program in."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    redirects = forms.CharField(
        label=_("Addresses to return to"),
        help_text=_("One on each line, exactly as the program sends it, like https://app.example.com/callback."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=[])
    writes = forms.ChoiceField(
        label=_("It may"),
        required=False,
        choices=[("", _("read")), ("1", _("read and write"))],
        help_text=_(
            "Writing is requesting exports, changing their schedules, and replacing charge-back values of people."
        ),
    )

    nonce = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    """Names one rendered form: sent twice, it registers one program."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        kinds = [kind for kind in Kind if kind is not Kind.IMPLICIT or settings.OAUTH_COMPATIBILITY]
        self.fields["kind"].choices = [(kind.value, _KINDS[kind]) for kind in kinds]  # type: ignore[attr-defined]


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth has no types
    """Address and password; labels say what a field is for, and nothing repeats them inside it."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
