"""The words for the audit log: what was done, by whom, to what, and how."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from django.urls import URLPattern, get_resolver
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from farebox.domain.amounts import Tokens
from farebox.domain.audited import VERBS, Area
from farebox.domain.clock import Instant, day_of
from farebox.domain.rights import Role
from farebox.services.audit_log import OPERATOR, Row, Thing
from farebox.web import present
from farebox.web.shown import operator, people_words

AREAS: Mapping[Area, str | Promise] = {
    Area.PEOPLE: gettext_lazy("People and products"),
    Area.ROLES: gettext_lazy("Roles"),
    Area.SIGN_IN: gettext_lazy("Signing in"),
    Area.PROGRAMS: gettext_lazy("Programs and keys"),
    Area.REPORTS: gettext_lazy("Reports and exports"),
    Area.TOKENS: gettext_lazy("Tokens and books"),
    Area.CATALOGUE: gettext_lazy("Catalogue and installation"),
    Area.REFUSALS: gettext_lazy("Refusals"),
}

WORDS: Mapping[str, str | Promise] = {
    "person.add": gettext_lazy("added somebody"),
    "invited": gettext_lazy("invited somebody"),
    "invited again": gettext_lazy("sent an invitation again"),
    "invitation accepted": gettext_lazy("accepted an invitation"),
    "invitation withdrawn": gettext_lazy("withdrew an invitation"),
    "assigned": gettext_lazy("assigned a product"),
    "unassigned": gettext_lazy("took a product back"),
    "default added": gettext_lazy("added a default product"),
    "default removed": gettext_lazy("removed a default product"),
    "group made": gettext_lazy("made a group"),
    "group renamed": gettext_lazy("renamed a group"),
    "group removed": gettext_lazy("removed a group"),
    "joined group": gettext_lazy("put somebody into a group"),
    "left group": gettext_lazy("took somebody out of a group"),
    "left": gettext_lazy("removed somebody from the team"),
    "joined": gettext_lazy("joined two names of one person"),
    "seated": gettext_lazy("gave a seat"),
    "seat given": gettext_lazy("gave a seat"),
    "seat end set": gettext_lazy("set the end of a seat"),
    "trial given": gettext_lazy("gave a trial"),
    "trial end set": gettext_lazy("set the end of a trial"),
    "imported": gettext_lazy("imported somebody"),
    "import read": gettext_lazy("looked at a list of people"),
    "import forgotten": gettext_lazy("forgot a list of people"),
    "import began": gettext_lazy("began an import of people"),
    "import ended": gettext_lazy("finished an import of people"),
    "role.set": gettext_lazy("changed a role"),
    "role.remove": gettext_lazy("took a membership away"),
    "handover.offer": gettext_lazy("offered the primary role"),
    "handover.accept": gettext_lazy("accepted the primary role"),
    "handover.refuse": gettext_lazy("refused the primary role"),
    "handover.withdraw": gettext_lazy("withdrew the offer of the primary role"),
    "primary.appoint": gettext_lazy("appointed the primary administrator"),
    "operator.made": gettext_lazy("made an operator"),
    "operator.removed": gettext_lazy("took the operator’s rights away"),
    "sign_in.done": gettext_lazy("signed in"),
    "sign_in.out": gettext_lazy("signed out"),
    "sign_in.failed": gettext_lazy("failed to sign in"),
    "sign_in.failed.more": gettext_lazy("failed to sign in more often, which is not listed"),
    "second_factor.set": gettext_lazy("set up a second factor"),
    "second_factor.codes": gettext_lazy("made new recovery codes"),
    "second_factor.removed": gettext_lazy("removed a second factor"),
    "second_factor.taken": gettext_lazy("took a lost second factor away"),
    "second_factor.failed": gettext_lazy("gave a wrong second factor"),
    "second_factor.failed.more": gettext_lazy("gave wrong second factors more often, which is not listed"),
    "password.changed": gettext_lazy("changed the password"),
    "password.reset": gettext_lazy("set a new password by mail"),
    "password.reset_asked": gettext_lazy("asked for a new password"),
    "password.reset_asked.more": gettext_lazy("asked for a new password more often, which is not listed"),
    "password.set": gettext_lazy("set somebody’s password"),
    "account.add": gettext_lazy("added an account"),
    "account.disabled": gettext_lazy("disabled an account"),
    "account.enabled": gettext_lazy("enabled an account"),
    "sessions.ended": gettext_lazy("signed somebody out everywhere"),
    "sso.connected": gettext_lazy("connected single sign-on"),
    "sso.changed": gettext_lazy("changed single sign-on"),
    "sso.removed": gettext_lazy("removed single sign-on"),
    "sso.enforced": gettext_lazy("made single sign-on the only way in"),
    "sso.relaxed": gettext_lazy("allowed passwords beside single sign-on"),
    "sso.domain_claimed": gettext_lazy("claimed a domain"),
    "sso.domain_proven": gettext_lazy("proved a domain"),
    "sso.domain_lapsed": gettext_lazy("lost the proof of a domain"),
    "sso.domain_dropped": gettext_lazy("dropped a domain"),
    "sso.joined": gettext_lazy("joined over single sign-on"),
    "sso.linked": gettext_lazy("linked an account to single sign-on"),
    "sso.refused": gettext_lazy("was refused a single sign-on"),
    "sso.refused.more": gettext_lazy("was refused a single sign-on more often, which is not listed"),
    "token.make": gettext_lazy("made a personal token"),
    "token.revoke": gettext_lazy("revoked a personal token"),
    "client.register": gettext_lazy("registered a program"),
    "client.rotate": gettext_lazy("gave a program another secret"),
    "client.revoke": gettext_lazy("revoked a program"),
    "client.act": gettext_lazy("let a program act by itself"),
    "client.stop": gettext_lazy("stopped a program from acting by itself"),
    "client.consent": gettext_lazy("let a program in"),
    "client.withdraw": gettext_lazy("shut a program out"),
    "clients.open": gettext_lazy("allowed programs to act by themselves"),
    "clients.close": gettext_lazy("forbade programs to act by themselves"),
    "source.add": gettext_lazy("made a source key"),
    "source.rotate": gettext_lazy("made another key for a source"),
    "source.revoke": gettext_lazy("revoked a source key"),
    "names.hide": gettext_lazy("hid names in reports"),
    "names.show": gettext_lazy("showed names in reports"),
    "names.reveal": gettext_lazy("asked who is behind a pseudonym"),
    "names.reveal.missed": gettext_lazy("asked for a pseudonym that nobody has"),
    "export.request": gettext_lazy("requested an export"),
    "export.delete": gettext_lazy("deleted an export"),
    "export.remove": gettext_lazy("removed a file with names"),
    "recurring.make": gettext_lazy("made a recurring export"),
    "recurring.change": gettext_lazy("changed a recurring export"),
    "recurring.pause": gettext_lazy("paused a recurring export"),
    "recurring.resume": gettext_lazy("resumed a recurring export"),
    "recurring.end": gettext_lazy("ended a recurring export"),
    "schedule_made": gettext_lazy("made a schedule"),
    "schedule_replaced": gettext_lazy("changed a schedule"),
    "schedule_ended": gettext_lazy("ended a schedule"),
    "team.time_zone": gettext_lazy("chose another time zone"),
    "enriched": gettext_lazy("changed charge-back values"),
    "field.rename": gettext_lazy("renamed a charge-back field"),
    "field.free": gettext_lazy("freed a charge-back field"),
    "pack.give": gettext_lazy("gave tokens"),
    "move": gettext_lazy("moved tokens to another team"),
    "merge": gettext_lazy("moved all tokens to another team"),
    "tokens.adjust": gettext_lazy("adjusted tokens"),
    "tokens.consume": gettext_lazy("entered consumption by hand"),
    "tokens.offer": gettext_lazy("offered tokens to another team"),
    "tokens.offer.accept": gettext_lazy("accepted offered tokens"),
    "tokens.offer.refuse": gettext_lazy("refused offered tokens"),
    "tokens.offer.withdraw": gettext_lazy("withdrew an offer of tokens"),
    "amended": gettext_lazy("corrected a use"),
    "withdrew": gettext_lazy("withdrew what was entered or reported"),
    "events released": gettext_lazy("released waiting events"),
    "closed books": gettext_lazy("closed the books of a month"),
    "set": gettext_lazy("changed a rule of a contract"),
    "proposal.make": gettext_lazy("proposed something that takes two operators"),
    "proposal.approve": gettext_lazy("approved a proposal"),
    "proposal.refuse": gettext_lazy("refused a proposal"),
    "proposal.withdraw": gettext_lazy("withdrew a proposal"),
    "team.add": gettext_lazy("added a team"),
    "team.rename": gettext_lazy("renamed a team"),
    "contract.add": gettext_lazy("added a contract"),
    "product.add": gettext_lazy("added a product"),
    "product.change": gettext_lazy("changed a product"),
    "product.where": gettext_lazy("changed where to get a product"),
    "offer.add": gettext_lazy("opened an offer"),
    "offer.open": gettext_lazy("added products to an offer"),
    "card.add": gettext_lazy("added a rate card"),
    "rate.set": gettext_lazy("set a rate"),
    "mails retried": gettext_lazy("had mails sent again"),
    "refused": gettext_lazy("was refused"),
    "refused.more": gettext_lazy("was refused more often, which is not listed"),
}
"""What was done, as a phrase after the one who did it."""

_KINDS: Mapping[str, str | Promise] = {
    "account": gettext_lazy("account %s"),
    "person": gettext_lazy("person %s"),
    "invitation": gettext_lazy("invitation %s"),
    "group": gettext_lazy("group %s"),
    "entitlement": gettext_lazy("seat or trial %s"),
    "people list": gettext_lazy("list of people %s"),
    "product": gettext_lazy("product %s"),
    "client": gettext_lazy("program %s"),
    "source": gettext_lazy("source %s"),
    "team": gettext_lazy("team %s"),
    "contract": gettext_lazy("contract %s"),
    "domain": gettext_lazy("domain %s"),
    "token": gettext_lazy("personal token %s"),
    "export": gettext_lazy("export %s"),
    "report schedule": gettext_lazy("recurring export %s"),
    "schedule": gettext_lazy("schedule %s"),
    "event": gettext_lazy("event %s"),
    "pack": gettext_lazy("token pack %s"),
    "proposal": gettext_lazy("proposal %s"),
    "offer": gettext_lazy("offer %s"),
    "card": gettext_lazy("rate card %s"),
    "rate card": gettext_lazy("rate card %s"),
}

_ACTORS: Mapping[str, str | Promise] = {
    OPERATOR: gettext_lazy("an operator"),
    "command": gettext_lazy("a command of the installation"),
    "job": gettext_lazy("Farebox itself"),
    "nobody": gettext_lazy("somebody unknown"),
    "somebody": gettext_lazy("a person"),
    "account unknown": gettext_lazy("no account"),
    "mails": gettext_lazy("mails"),
}

_FACTS: Mapping[str, str | Promise] = {
    "account": gettext_lazy("account"),
    "person": gettext_lazy("person"),
    "group": gettext_lazy("group"),
    "product": gettext_lazy("product"),
    "client": gettext_lazy("program"),
    "team": gettext_lazy("team"),
    "to_team": gettext_lazy("to team"),
    "from_team": gettext_lazy("from team"),
    "tokens": gettext_lazy("tokens"),
    "before": gettext_lazy("before"),
    "now": gettext_lazy("now"),
    "was": gettext_lazy("before"),
    "role": gettext_lazy("role"),
    "reason": gettext_lazy("reason"),
    "status": gettext_lazy("answer"),
    "days": gettext_lazy("days"),
    "events": gettext_lazy("events"),
    "lines": gettext_lazy("rows"),
    "people": gettext_lazy("people"),
    "since": gettext_lazy("first day"),
    "until": gettext_lazy("last day"),
}

_SIGNING_IN = ("account_", "mfa_", "invitation")

_PLACES: Mapping[str, str | Promise] = {
    "home": gettext_lazy("Home"),
    "operator": gettext_lazy("Operator"),
    "users": gettext_lazy("People"),
    "me": gettext_lazy("My use"),
    "my-": gettext_lazy("My use"),
    "token-usage": gettext_lazy("Token usage"),
    "product-usage": gettext_lazy("Token usage"),
    "user-usage": gettext_lazy("Token usage"),
    "balances": gettext_lazy("Balances"),
    "export": gettext_lazy("Export"),
    "audit": gettext_lazy("Audit log"),
    **{begin: gettext_lazy("Signing in") for begin in _SIGNING_IN},
    **{
        begin: gettext_lazy("Settings")
        for begin in ("settings", "sso", "names", "time-zone", "source-key", "client", "new-client", "make-token")
    },
}
"""Where a page stands, by how the name of its address begins."""


def verb(of: str) -> str:
    """Say what was done; a verb of another version of the program is shown as it is."""
    return str(WORDS.get(of, of))


def same(of: str) -> frozenset[str]:
    """Return the verbs of an area that are said as one is: a reader chooses them together."""
    return frozenset(one for one, area in VERBS.items() if area is VERBS[of] and WORDS[one] == WORDS[of])


def thing(of: Thing) -> str:
    """Name something: by its name, else by its kind and number, else by the word that stands for it."""
    if of.name and of.kind in ("account", "person", "invitation"):
        return of.name
    if of.kind in _ACTORS:
        return str(_ACTORS[of.kind])
    if of.kind in _KINDS:
        return str(_KINDS[of.kind]) % (of.name or of.number)
    return f"{of.kind} {of.number}" if of.number else of.kind


def about(row: Row) -> str:
    """Name what a row is about; what was refused is a page, by the place where it stands, or no page at all."""
    if VERBS.get(row.verb) is not Area.REFUSALS:
        return thing(row.about)
    name = row.about.kind
    if name not in _page_names() and not name.startswith(_SIGNING_IN):
        return _("a program’s request")
    place = next((words for begin, words in _PLACES.items() if name.startswith(begin)), None)
    return _("a page") if place is None else present.aside(_("a page"), str(place))


@cache
def _page_names() -> frozenset[str]:
    """Return the names of the addresses that are pages, and not for programs."""
    patterns = get_resolver("farebox.web.urls").url_patterns
    return frozenset(str(one.name) for one in patterns if isinstance(one, URLPattern) and one.name)


def fact(name: str, value: Thing | str | int) -> str:
    """Say one thing about how something was done; empty where it says nothing to people."""
    if name == "writes":
        return _("may write") if value else ""
    if isinstance(value, Thing):
        unnamed = str(value.number) if value.number else _("all products, later ones too")
        return present.labelled(str(_FACTS[name]), value.name or unnamed)
    if name == "method":
        return _("wanted to look") if value in ("GET", "HEAD") else _("sent a form or a change")
    if name == "as":
        return _("as primary administrator")
    if name == "kind":
        return operator.act(str(value))
    if name == "status":
        return _("answer %s") % value
    return present.labelled(str(_FACTS[name]), _value(name, value)) if name in _FACTS else str(value)


def _value(name: str, value: str | int) -> str:
    if name == "tokens":
        return present.amount(Tokens(int(value)))
    if name in ("since", "until"):
        return present.short_date(day_of(Instant(int(value) - (name == "until"))))
    return people_words.role(Role(value)) if value in set(Role) else str(value)


_LAST_FIRST = tuple(reversed(tuple(VERBS.items())))


def by_area(verbs: frozenset[str]) -> list[tuple[Area, str, list[tuple[str, str]]]]:
    """Return verbs under their areas, as a form offers them."""
    found = []
    for area, name in AREAS.items():
        own = {verb(one): one for one, where in _LAST_FIRST if where is area and one in verbs}
        if own:
            found.append((area, str(name), [(one, said) for said, one in reversed(own.items())]))
    return found
