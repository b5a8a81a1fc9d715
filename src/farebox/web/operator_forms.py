"""The forms of the operators' pages: what each asks for, and how amounts, dates and codes are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from farebox.domain.amounts import Tokens, tokens
from farebox.domain.clock import Instant, day, day_of, midnight
from farebox.domain.errors import InvalidAmount
from farebox.domain.usage import UsageCategory
from farebox.services.policies import MINUTES_MAX
from farebox.web import present
from farebox.web.shown.operator_problems import amount_like

Choices = Sequence[tuple[str, Any]]
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}
_DAY = {"type": "date", "autocomplete": "off"}

CATEGORIES: Choices = (
    (UsageCategory.DESKTOP_PRODUCT.value, _("Desktop product")),
    (UsageCategory.CLOUD_PRODUCT.value, _("Cloud product")),
    (UsageCategory.CLOUD_SERVICE.value, _("Cloud service")),
)
SCHEMES: Choices = (
    ("FLEX", _("Flex: 24 hours for each person and product")),
    ("ENTERPRISE", _("Enterprise: the dearest product of a family, once a day")),
)
POOLS: Mapping[str, Any] = {
    "FLEX": _("Flex tokens"),
    "CREDIT": _("cloud credits"),
    "CY": _("tokens of the contract year"),
    "MY": _("tokens of several years"),
}
SETTINGS: Choices = (
    ("grace-minutes", _("Grace: a session this short opens no window")),
    ("minimum-minutes", _("Minimum: a product used for less in a day costs nothing")),
    ("save-minutes", _("Time to save and close after a denial")),
    ("silence-minutes", _("Silence after which a session is closed")),
    ("job-minutes", _("How long tokens stay reserved for a job that is not heard of")),
)


class TokensField(forms.CharField):
    """An amount of tokens, exact; `signed` ones may have a minus."""

    def __init__(self, *, signed: bool = False, **kwargs: Any) -> None:
        super().__init__(max_length=30, widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "decimal"}), **kwargs)
        self.signed = signed

    def clean(self, value: Any) -> Any:
        """Return the amount, or None where nothing was typed."""
        text = present.pointed(super().clean(value).replace("−", "-").removeprefix("+"))
        if not text:
            return None
        try:
            amount = tokens(text)
        except InvalidAmount as error:
            raise ValidationError(amount_like()) from error
        if amount < 0 and not self.signed:
            raise ValidationError(_("The amount is not negative."))
        return amount


class PriceField(forms.DecimalField):
    """A price that may be left out, with the decimal sign of the reader's language."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={**_PLAIN, "inputmode": "decimal"})
        super().__init__(required=False, min_value=Decimal(0), max_digits=15, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        """Return the price, or None where nothing was typed."""
        return super().clean(value and present.pointed(value.strip()))


class MidnightField(forms.DateField):
    """A date, from 00:00 UTC of which on something holds."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"), **kwargs)

    def clean(self, value: Any) -> Any:
        """Return the instant at which the date begins, or None where there is none."""
        found: date | None = super().clean(value)
        return None if found is None else midnight(day(found))


def _day_field(*, required: bool = False, **kwargs: Any) -> forms.DateField:
    return forms.DateField(required=required, widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"), **kwargs)


def _text(label: Any, *, most: int, help_text: Any = "", required: bool = True) -> forms.CharField:
    widget = forms.TextInput(attrs=_PLAIN)
    return forms.CharField(label=label, max_length=most, required=required, help_text=help_text, widget=widget)


def _lines(label: Any, help_text: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 4, **_PLAIN})
    return forms.CharField(label=label, required=False, max_length=20_000, help_text=help_text, widget=widget)


class Chosen(forms.Form):
    """A form of which some fields offer what the installation has."""

    def __init__(self, *args: Any, choices: Mapping[str, Choices] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, offered in (choices or {}).items():
            self.fields[name].choices = list(offered)  # type: ignore[attr-defined]


class Once(Chosen):
    """A form that does what it says once, however often it is sent."""

    nonce = forms.CharField(max_length=64, widget=forms.HiddenInput)


class TeamForm(Chosen):
    """A new team."""

    name = _text(_("Name"), most=200)
    slug = _text(
        _("Short name"),
        most=60,
        help_text=_("Small letters, digits and hyphens, like design-north. Programs send it; it stays as it is."),
    )
    names = forms.ChoiceField(
        label=_("Names of people in reports"),
        choices=(
            ("", _("Choose")),
            ("shown", _("shown: administrators see who used what")),
            ("hidden", _("hidden: reports show pseudonyms")),
        ),
        help_text=_("Administrators change it later in the settings."),
    )
    primary = _text(
        _("Primary administrator"),
        most=500,
        required=False,
        help_text=_("Full name, then the address: Ann Example <ann@example.com>. An invitation is sent by mail."),
    )


class NameForm(forms.Form):
    """Another name for a team."""

    name = _text(_("Name"), most=200)


class SourceForm(forms.Form):
    """A key for a product or a licence server."""

    name = _text(_("What shows it"), most=60, help_text=_("A product or a licence server, like workstations-north."))


class PrimaryForm(forms.Form):
    """Who is to lead a team that has nobody."""

    people = _text(
        _("Primary administrator"), most=500, help_text=_("Full name, then the address: Ann Example <ann@example.com>.")
    )


class AppointForm(Once):
    """The member who leads a team from now on."""

    address = _text(_("E-mail address"), most=254, help_text=_("Of a member of the team who has an account already."))


class ContractForm(Chosen):
    """A contract of a team."""

    scheme = forms.ChoiceField(label=_("How it charges"), choices=SCHEMES)
    offer = forms.ChoiceField(label=_("Offer"), help_text=_("Which products it opens."))
    card = forms.ChoiceField(label=_("Rate card"), help_text=_("What they cost."))
    start = _day_field(required=True, label=_("First day"), help_text=_("From 00:00 UTC; uses from before it wait."))
    end = _day_field(label=_("First day after it"), help_text=_("Leave it empty where it goes on."))


class SettingsForm(forms.Form):
    """Dated settings of a contract."""

    since = MidnightField(label=_("From"), help_text=_("00:00 UTC of that date; now where it is left empty."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in SETTINGS:
            self.fields[name] = forms.IntegerField(
                label=label,
                required=False,
                min_value=0,
                max_value=MINUTES_MAX,
                help_text=_("Minutes; empty: as it is."),
            )

    def clean(self) -> dict[str, Any]:
        """Want one setting at least."""
        found: dict[str, Any] = super().clean() or {}
        if not self.errors and all(found.get(name) is None for name, _label in SETTINGS):
            raise ValidationError(_("Set one of them at least."))
        return found


class CloseForm(forms.Form):
    """The last date of the books that are closed."""

    through = _day_field(required=True, label=_("Last usage date to close"))


class ProductForm(Chosen):
    """A product of the catalogue; `codes` are read as `CODE` or `CODE=VERSION`, one on each line."""

    name = _text(_("Name"), most=200)
    family = _text(
        _("Family"),
        most=60,
        required=False,
        help_text=_("Enterprise contracts charge the dearest product of a family a day. Empty: the product alone."),
    )
    versions = _lines(
        _("Versions"),
        _("One on each line. Uses of others wait until they are known; with none, every version is taken."),
    )
    codes = _lines(
        _("Further codes"),
        _("One on each line: a feature code or another name, or CODE=VERSION where it tells the version too."),
    )
    idle_aware = forms.BooleanField(
        label=_("It tells when nobody is active"),
        required=False,
        help_text=_("A window that ends while the product is idle is not charged again until somebody is active."),
    )

    def clean_versions(self) -> tuple[str, ...]:
        """Return the versions, each once."""
        return tuple(dict.fromkeys(_typed(self.cleaned_data["versions"])))

    def clean_codes(self) -> dict[str, str]:
        """Return the codes with the version that each tells."""
        parted = (line.partition("=") for line in _typed(self.cleaned_data["codes"]))
        return {code.strip(): version.strip() for code, _equals, version in parted}


def _typed(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class NewProductForm(ProductForm):
    """A product that the catalogue does not have, and the offer that opens it."""

    code = _text(_("Code"), most=60, help_text=_("As reports and programs name it, like ACD. It stays as it is."))
    category = forms.ChoiceField(label=_("Kind"), choices=CATEGORIES)
    offer = forms.ChoiceField(label=_("Offer that opens it"), required=False)
    since = MidnightField(label=_("From"), help_text=_("00:00 UTC of that date; of today where it is left empty."))
    field_order = ("code", "name", "family", "category", "versions", "codes", "idle_aware", "offer", "since")


class WhereForm(forms.Form):
    """Where people get a product."""

    address = _text(
        _("Address"), most=500, required=False, help_text=_("A page over http or https. Empty: nobody said.")
    )
    note = _text(_("Note"), most=200, required=False, help_text=_("Such as “in the software centre”."))


class CodeForm(forms.Form):
    """The name of a new offer or rate card."""

    code = _text(_("Code"), most=60, help_text=_("Letters, digits, points, hyphens and underscores, like flex-2026."))


class OpenForm(Chosen):
    """A product for an offer."""

    product = forms.ChoiceField(label=_("Product"))
    since = MidnightField(label=_("From"), help_text=_("00:00 UTC of that date; of today where it is left empty."))


class RateForm(Once):
    """A rate for a card."""

    product = forms.ChoiceField(label=_("Product"))
    amount = TokensField(label=_("Tokens"), help_text=_("For one window, day, result or unit, like 7 or 0.5."))
    since = MidnightField(
        label=_("From"),
        help_text=_(
            "00:00 UTC of that date; of today where it is left empty, or now where a rate begins today already."
        ),
    )
    complexity = _text(
        _("Class of job"), most=60, required=False, help_text=_("Of a service: only jobs of this class, like complex.")
    )
    unit_seconds = forms.IntegerField(
        label=_("Seconds of one unit"),
        required=False,
        min_value=1,
        max_value=366 * 86_400,
        help_text=_("Of a service that is paid by time; empty where a result is the unit."),
    )


class GiveForm(Once):
    """A pack that was bought."""

    pool = forms.ChoiceField(label=_("Kind of tokens"))
    amount = TokensField(label=_("Tokens"), help_text=_("Like 500."))
    since = MidnightField(label=_("From"), help_text=_("00:00 UTC of that date; now where it is left empty."))
    until = MidnightField(
        label=_("Until"), help_text=_("Empty: a year later, or as long as the contract year or the contract lasts.")
    )
    order = _text(_("Order number"), most=60, required=False)
    price = PriceField(
        label=_("Price"), help_text=_("Of the whole pack, so that reports can speak of money. It may be left out.")
    )
    currency = _text(_("Currency"), most=3, required=False, help_text=_("Three letters, like EUR."))

    def clean_currency(self) -> str:
        """Return the currency in capitals."""
        return str(self.cleaned_data["currency"]).upper()

    def clean(self) -> dict[str, Any]:
        """Write the price in the smallest unit of its currency, as `price_minor`; None where there is none."""
        found: dict[str, Any] = super().clean() or {}
        price = found.get("price")
        minor = Decimal(price or 0).scaleb(get_currency_precision(found.get("currency", "")))
        if minor != minor.to_integral_value():
            raise ValidationError({"price": _("The price is finer than the smallest coin of its currency.")})
        return found | {"price_minor": None if price is None else int(minor)}


class AdjustForm(Once):
    """A change of a pool by hand."""

    pool = forms.ChoiceField(label=_("Kind of tokens"))
    amount = TokensField(signed=True, label=_("Tokens"), help_text=_("To add, like 50; to take, with a minus: -12.5."))
    reason = _text(_("Reason"), most=100, help_text=_("Reports show it. Name nobody."))
    comment = _text(_("Comment"), most=300, required=False)
    on = _day_field(label=_("Date"), help_text=_("The usage date; today (UTC) where it is left empty."))


class ConsumeForm(Once):
    """A use that nothing reported."""

    person = _text(_("Person"), most=254, help_text=_("E-mail address or login, as programs report it."))
    product = forms.ChoiceField(label=_("Product"))
    amount = TokensField(required=False, label=_("Tokens"), help_text=_("Or leave it empty and say how many units."))
    quantity = TokensField(required=False, label=_("Units"), help_text=_("Each at the product’s rate of that date."))
    reason = _text(_("Reason"), most=100, help_text=_("Reports show it. Name nobody."))
    comment = _text(_("Comment"), most=300, required=False)
    on = _day_field(label=_("Date"), help_text=_("The usage date; today (UTC) where it is left empty."))


class MergeForm(Once):
    """All living packs of a team for another."""

    into = forms.ChoiceField(label=_("To the team"))
    reason = _text(_("Reason"), most=300, required=False, help_text=_("Both teams see it."))
    across = forms.BooleanField(label=_("Also where the teams have different primary administrators"), required=False)


def amount_of(found: Mapping[str, Any], name: str = "amount") -> Tokens:
    """Return an amount that a form wants."""
    amount = found[name]
    assert isinstance(amount, int)
    return Tokens(amount)


def moment_of(found: Mapping[str, Any], name: str, *, default: Instant) -> Instant:
    """Return an instant that a form may leave out."""
    return default if found.get(name) is None else Instant(found[name])


def today(at: Instant) -> Instant:
    """Return the start of the day, so that what is set up today holds for the uses of today."""
    return midnight(day_of(at))
