"""What a reader of the audit log asks for, as the address has it: people, what was done, dates, where to go on."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from farebox.domain.audited import VERBS, Area
from farebox.domain.clock import Day, Instant, day, midnight
from farebox.services.audit_log import Asked
from farebox.web.shown import audit_words

AREA = "area:"
KEPT = ("team", "person", "what", "since", "until")


class AuditForm(forms.Form):
    """The filter of the log; nothing chosen is everything."""

    person = forms.CharField(
        label=gettext_lazy("Person"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "type": "search"}),
    )
    what = forms.ChoiceField(label=gettext_lazy("Action"), required=False)
    since = forms.DateField(
        label=gettext_lazy("First date"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=gettext_lazy("Last date"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, sent: QueryDict, verbs: Collection[str]) -> None:
        super().__init__(sent)
        self.verbs = frozenset(verbs)
        offered: list[tuple[str, object]] = [("", _("Everything"))]
        for area, name, of_area in audit_words.by_area(self.verbs):
            offered.append((name, [(f"{AREA}{area.value}", _("All of this")), *of_area]))
        self.fields["what"].choices = offered  # type: ignore[attr-defined]

    def clean(self) -> None:
        """Refuse dates that end before they begin."""
        super().clean()
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last date is before the first."))

    def asked(self) -> Asked:
        """Return what is asked for; dates are whole days in UTC."""
        found = self.cleaned_data
        since, until = found.get("since"), found.get("until")
        return Asked(
            person=" ".join(found["person"].split()),
            verbs=_verbs(found["what"]),
            since=midnight(day(since)) if since else None,
            until=midnight(Day(day(until) + 1)) if until else None,
            before=_before(self.data.get("before", "")),
        )

    def address(self, path: str, **more: str) -> str:
        """Return the address of the same rows, with something more asked."""
        kept = {name: self.data.get(name, "") for name in KEPT}
        query = urlencode({name: value for name, value in (kept | more).items() if value})
        return f"{path}?{query}" if query else path


def _verbs(what: str) -> frozenset[str] | None:
    if not what:
        return None
    if what.startswith(AREA):
        area = Area(what.removeprefix(AREA))
        return frozenset(verb for verb, of in VERBS.items() if of is area)
    return audit_words.same(what)


def _before(text: str) -> tuple[Instant, int] | None:
    """Read where to go on; what makes no sense begins at the newest row."""
    parts = text.split("-")
    if len(parts) == 2 and all(part.isascii() and part.isdecimal() and len(part) < 19 for part in parts):
        return Instant(int(parts[0])), int(parts[1])
    return None
