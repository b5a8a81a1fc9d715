"""The filters and tags that write numbers and dates in the reader's language."""

from __future__ import annotations

from functools import partial

from django import template

from farebox.web import present

register = template.Library()

register.filter("amount", present.amount)
register.filter("rounded", present.rounded)
register.filter("plural", present.plural)
register.filter("plural_rounded", partial(present.plural, tenths=True))
register.filter("count", present.count)
register.filter("short_date", present.short_date)
register.filter("weekday_date", present.weekday_date)
register.filter("clock", present.clock)

register.simple_tag(present.colon, name="colon")
register.simple_tag(present.comma, name="comma")
