"""The forms of the settings, of the programs of a team, and of signing in."""

from __future__ import annotations

from enum import StrEnum

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordKeyForm,
    UserTokenForm,
)
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as CodeAgain
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from farebox.domain.errors import Conflict, Forbidden
from farebox.domain.teams import PASSWORD_LENGTH_MAX
from farebox.services import accounts, single_sign_on
from farebox.wallclock import now
from farebox.web.accounts import account_key

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


_LABELS = {
    "oldpassword": _("Password that you have now"),
    "password1": _("New password"),
    "code": _("Code"),
}
_HELP = {"password1": _("At least 12 characters. A few words that nobody would guess are best.")}
_ATTRS = {
    "login": {"autocomplete": "username"},
    "code": {"inputmode": "numeric", "maxlength": "20", "autocomplete": "one-time-code"},
}


class _Ours:
    """
    A form of allauth in our words, without placeholders: labels say what a field is for.

    No password is taken that costs the server more than it is worth (quality: passwords).
    """

    fields: dict[str, forms.Field]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = _LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            field.widget.attrs |= _ATTRS.get(name, {})
            if isinstance(field.widget, forms.PasswordInput):
                field.validators.append(MaxLengthValidator(PASSWORD_LENGTH_MAX))
                field.help_text = _HELP.get(name, "")


class SignInForm(_Ours, LoginForm):  # type: ignore[misc]  # allauth has no types
    """Address and password."""

    def clean_login(self) -> str:
        """Take every way to write an address for the one form in which it is kept."""
        return account_key(self.cleaned_data["login"])


class AddressForm(forms.Form):
    """The address alone: with it signing in begins where there is single sign-on, and a new password is asked for."""

    login = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )


class AgainForm(_Ours, ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The password of who is signed in, once more."""


class PasswordForm(_Ours, ChangePasswordForm):  # type: ignore[misc]  # allauth has no types
    """The password that one has, and the one that one wants; it is typed once, and can be looked at."""

    password2 = None


class NewPasswordForm(_Ours, ResetPasswordKeyForm):  # type: ignore[misc]  # allauth has no types
    """A new password, over a link that was mailed."""

    password2 = None

    def save(self) -> None:
        """Set the password in one step with all that follows from it; a link that was used since is no longer good."""
        try:
            accounts.reset(self.user, self.cleaned_data["password1"], now=now())
        except (Conflict, Forbidden):
            self.is_late = True


class ResetTokenForm(UserTokenForm):  # type: ignore[misc]  # allauth has no types
    """The link to a new password: of no use for an account that is disabled, or that takes no password."""

    token_generator = default_token_generator

    def clean(self) -> dict[str, object]:
        """Look whether the link is good."""
        cleaned: dict[str, object] = super().clean()
        user = self.reset_user
        if not user.is_active or single_sign_on.enforced(user.email):
            raise get_adapter().validation_error("invalid_password_reset")
        return cleaned


class CodeForm(_Ours, AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A code of the authenticator app, or a recovery code."""


class CodeAgainForm(_Ours, CodeAgain):  # type: ignore[misc]  # allauth has no types
    """A code, from somebody who is signed in."""


class FirstCodeForm(_Ours, ActivateTOTPForm):  # type: ignore[misc]  # allauth has no types
    """The first code, which shows that the app has the secret."""


class ProviderForm(forms.Form):
    """What connects a team to its identity provider."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("People read it on the button, as in “Continue with Example AB”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    issuer = forms.CharField(
        label=_("Issuer"),
        max_length=400,
        help_text=_("The address under which the provider describes itself, such as https://login.example.com."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    client_id = forms.CharField(
        label=_("Client ID"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    secret = forms.CharField(
        label=_("Client secret"),
        max_length=400,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    joins = forms.BooleanField(
        label=_("Let everybody in whom the provider vouches for, as a user of the team, without an invitation"),
        required=False,
    )


class DomainForm(forms.Form):
    """A domain that a team says is its own."""

    domain = forms.CharField(
        label=_("Domain"),
        max_length=253,
        help_text=_("The part of your addresses after the @, such as example.com."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
