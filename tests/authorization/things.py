"""
What addresses name: one of each kind that is one's own, another's of the same team, another team's, none, and gone.

`KINDS` has a maker for each; a new kind of address needs one here, or the walk fails.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any, NamedTuple

from django.test import Client, override_settings
from django.utils import timezone
from tests.authorization.principals import House, Who

from farebox import desk
from farebox.domain.amounts import tokens
from farebox.domain.clock import HOUR, Instant, day_of
from farebox.domain.ids import charged_item_id
from farebox.domain.packs import Pool
from farebox.domain.people_list import Said
from farebox.domain.recurring import Every
from farebox.domain.report_files import Format, ReportType, Spec
from farebox.domain.rights import Role
from farebox.domain.usage import Funding
from farebox.records import invitations, sign_ins
from farebox.records.models import (
    AccessToken,
    Account,
    Charge,
    Contract,
    Entitlement,
    Event,
    ExportRequest,
    Group,
    Handover,
    Invitation,
    LedgerHead,
    Membership,
    Offer,
    Pack,
    PeopleList,
    Person,
    PersonalToken,
    Product,
    Proposal,
    RateCard,
    ReportSchedule,
    Session,
    Source,
    SsoDomain,
    Team,
    TokenOffer,
    User,
)
from farebox.records.models.contracts import Scheme
from farebox.services import (
    catalogue,
    export,
    groups,
    handover,
    invite,
    names,
    people_list,
    recurring,
    report,
    seats,
    single_sign_on,
    sources,
)
from farebox.services import (
    tokens as personal,
)
from farebox.services.catalogue import Hand
from farebox.services.give import Purchase, give
from farebox.services.ingest import by_primary
from farebox.services.ingest.by_hand import Consumption, Entry
from farebox.services.mail import outbox
from farebox.services.move import offering
from farebox.services.oauth import clients
from farebox.wallclock import now

UNKNOWN = "999999999"
_numbers = count(1)


class Made(NamedTuple):
    """A thing: how an address names it, and its row, where it can be deleted."""

    name: str
    row: Any = None


class Side(NamedTuple):
    """Whose a thing is: the team with who leads it, and the person to whom it belongs."""

    team: Team
    lead: User
    owner: User


Maker = Callable[[House, Side], Made]


@dataclass(frozen=True, slots=True)
class Kind:
    """
    A kind of thing: how one is made, and a name that none has.

    `shared` ones belong to the installation, `personal` ones to one person; of some a team has one at a time (`once`).
    `spare` makes one to delete, where the usual ones are there for good.
    """

    make: Maker
    unknown: str = UNKNOWN
    shared: bool = False
    personal: bool = False
    once: bool = False
    spare: Maker | None = None


class Things(NamedTuple):
    """Names of what is one's own, another's of the team, another team's, unknown, gone; empty where a kind has none."""

    own: str
    others: str
    foreign: str
    unknown: str
    gone: str


def things(house: House, kind: str, who: Who) -> Things:
    """Make the things of a kind as one of the principals sees them."""
    told = KINDS[kind]
    team = house.team(who)
    away = Who.PRIMARY if team == house.world.ent else Who.STRANGER
    lead = house.accounts[Who.STRANGER if team == house.world.ent else Who.PRIMARY]
    owner = house.accounts[who if who in house.people else Who.PRIMARY]
    make = partial(told.make, house)
    others = Side(house.world.flex, house.accounts[Who.PRIMARY], house.accounts[_beside(who)])
    foreign = Side(house.team(away), house.accounts[away], house.accounts[away])
    # what a stranger asks the Flex team about is its own, not theirs
    asked = Side(house.world.flex, house.accounts[Who.PRIMARY], owner if who is not Who.STRANGER else others.owner)
    own = make(asked)
    gone = "" if told.once else _deleted((told.spare or told.make)(house, Side(team, lead, owner)))
    return Things(
        own=own.name,
        others=make(others).name if told.personal and not told.once else "",
        foreign="" if told.shared else own.name if told.once and who is Who.STRANGER else make(foreign).name,
        unknown=told.unknown,
        gone=gone,
    )


def only_own(house: House, kind: str) -> Things:
    """Make one thing of a kind, of the primary administrator of the Flex team, where nobody else has any."""
    lead = house.accounts[Who.PRIMARY]
    return Things(KINDS[kind].make(house, Side(house.world.flex, lead, lead)).name, "", "", KINDS[kind].unknown, "")


def _beside(who: Who) -> Who:
    return Who.SSO if who is Who.SECONDARY else Who.SECONDARY


def _deleted(made: Made) -> str:
    """Delete a thing that was made, and return what it was called; empty for one that is kept for good."""
    if made.row is None:
        return ""
    made.row.delete()
    return made.name


def _address() -> str:
    return f"somebody{next(_numbers)}@example.com"


def _somebody(side: Side) -> Person:
    return catalogue.add_person(side.team, _address(), "Somebody Example", now=now())


def _account(side: Side, role: Role = Role.USER) -> User:
    return catalogue.add_account(_address(), "correct horse battery", "Somebody", roles={side.team: role}, now=now())


def _person(house: House, side: Side) -> Made:
    person = _somebody(side)
    return Made(str(person.pk), person)


def _member(house: House, side: Side) -> Made:
    account = _account(side)
    person = catalogue.add_person(side.team, account.email, "Somebody Example", now=now())
    Person.objects.filter(pk=person.pk).update(user=account)
    Client().force_login(account)
    return Made(str(person.pk), person)


def _unclaimed(house: House, side: Side) -> Made:
    person = Person.objects.create(team=side.team, key=_address(), pseudonym=f"u-{next(_numbers)}", created_us=now())
    return Made(str(person.pk), person)


def _pseudonym(house: House, side: Side) -> Made:
    return Made(next(one.pseudonym for one in house.people.values() if one.team_id == side.team.pk))


def _invitation(house: House, side: Side) -> Made:
    address = _address()
    sent = Instant(now() - HOUR)  # within a minute it is not sent again
    invite.invite(side.lead, side.team.pk, f"Somebody Example <{address}>", now=sent)
    row = Invitation.objects.get(person__key=address)
    return Made(str(row.pk), row)


def _grave_invitation(house: House, side: Side) -> Made:
    made = _invitation(house, side)
    Invitation.objects.filter(pk=made.name).update(role=Role.SECONDARY)
    return made


def _secret(house: House, side: Side) -> Made:
    row = Invitation.objects.get(pk=_invitation(house, side).name)
    return Made(invitations.secret_of(row), row)


def _group(house: House, side: Side) -> Made:
    number = groups.make(side.lead, side.team.pk, f"Group {next(_numbers)}", now=now())
    return Made(str(number), Group.objects.get(pk=number))


def _list(house: House, side: Side) -> Made:
    number = people_list.check(side.lead, side.team.pk, [Said(1, "Some", "Body", _address())], now=now())
    return Made(str(number), PeopleList.objects.get(pk=number))


def _seat(house: House, side: Side) -> Made:
    person = _somebody(side)
    number = seats.give(side.lead, side.team.pk, [person.pk], "A", Funding.SEAT, now=now())[0]
    return Made(str(number), Entitlement.objects.get(pk=number))


def _membership(house: House, side: Side) -> Made:
    row = Membership.objects.get(user=_account(side))
    return Made(str(row.pk), row)


def _handover(house: House, side: Side) -> Made:
    receiver = side.owner if side.owner != side.lead else _account(side)
    member = Membership.objects.get(user=receiver, team=side.team)
    offered = handover.offer(side.lead, side.team.pk, member.pk, language="en", now=now())
    return Made(str(offered.id), Handover.objects.get(pk=offered.id))


def _spec() -> Spec:
    return Spec(format=Format.CSV, types=(ReportType.USERS,))


def _export(house: House, side: Side) -> Made:
    owner = _reader(side)
    row = export.request_report(owner, report.contracts_of(owner), _spec(), key=str(next(_numbers)), now=now())
    return Made(row.key, ExportRequest.objects.get(pk=row.pk))


def _recurring(house: House, side: Side) -> Made:
    owner = _reader(side)
    order = recurring.Order(every=Every.WEEK, on=1, hour=8, spec=_spec())
    row = recurring.make(owner, report.contracts_of(owner), order, key=str(next(_numbers)), now=now())
    return Made(str(row.pk), ReportSchedule.objects.get(pk=row.pk))


def _reader(side: Side) -> User:
    return side.owner if report.contracts_of(side.owner) else side.lead


def _token(house: House, side: Side) -> Made:
    row = personal.make(side.owner, name="script", days=30, now=now())[0]
    return Made(str(row.pk), PersonalToken.objects.get(pk=row.pk))


def _consent(house: House, side: Side) -> Made:
    family = uuid.uuid4()
    row = AccessToken.objects.create(
        user=side.owner,
        application=clients.named(_program(house, side).name),
        token=f"token-{next(_numbers)}",
        scope="data:read",
        expires=timezone.now() + timedelta(hours=1),
        team=side.team,
        family=family,
    )
    return Made(str(family), row)


def _program(house: House, side: Side) -> Made:
    new = clients.NewClient(name="Report", redirects=["https://app.example.com/back"], team=side.team.pk)
    row, _ = clients.register(new, actor="test", now=now())
    return Made(row.client_id, row)


def _session(house: House, side: Side) -> Made:
    before = {one.key for one in sign_ins.sign_ins_of(side.owner.pk, now=now())}
    Client().force_login(side.owner)
    key = next(one.key for one in sign_ins.sign_ins_of(side.owner.pk, now=now()) if one.key not in before)
    return Made(key, Session.objects.filter(session_key=key).first())


def _charge(house: House, side: Side) -> Made:
    return Made(charged_item_id(Charge.objects.get(person__key=side.owner.email, person__team=side.team).pk))


def _number(house: House, side: Side) -> Made:
    return Made(Contract.objects.get(team=side.team).number)


def _used_product(house: House, side: Side) -> Made:
    return Made("A" if side.team == house.world.flex else "B")


def _offered_product(house: House, side: Side) -> Made:
    return Made("A")


def _domain(house: House, side: Side) -> Made:
    name = f"domain{next(_numbers)}.example.com"
    single_sign_on.claim(side.lead, side.team.pk, name, now=now())
    row = SsoDomain.objects.get(domain=name)
    return Made(str(row.pk), row)


def _source(house: House, side: Side) -> Made:
    name = f"source {next(_numbers)}"
    sources.add(name, team=side.team.slug, now=now())
    row = Source.objects.get(name=name)
    return Made(str(row.pk), row)


def _contract(house: House, side: Side) -> Made:
    return Made(str(Contract.objects.get(team=side.team).pk))


def _pack(house: House, side: Side) -> Made:
    contract = Contract.objects.get(team=house.world.flex).number
    return Made(
        str(give(Purchase(contract=contract, pool=Pool.FLEX, tokens=tokens("10"), since=now()), now=now()).pack)
    )


def _team_pack(house: House, side: Side) -> Made:
    contract = Contract.objects.get(team=side.team)
    there = Pack.objects.filter(contract=contract, left_micro__gt=tokens("10"), until_us__gt=now()).first()
    if there is not None:
        return Made(str(there.pk))
    pool = Pool.FLEX if contract.scheme == Scheme.FLEX else Pool.CY
    given = give(Purchase(contract=contract.number, pool=pool, tokens=tokens("100"), since=now()), now=now())
    return Made(str(given.pack))


def _token_offer(house: House, side: Side) -> Made:
    asked = offering.Offer(pack=int(_team_pack(house, side).name), address="lead@example.com")
    number = offering.offer(side.lead, side.team.pk, asked, key="", language="en", now=now()).offer
    return Made(str(number), TokenOffer.objects.get(pk=number))


def _tokens_offered(house: House, side: Side) -> Made:
    giver = Who.STRANGER if side.team == house.world.flex else Who.PRIMARY
    of = Side(house.team(giver), house.accounts[giver], house.accounts[giver])
    asked = offering.Offer(pack=int(_team_pack(house, of).name), address=side.owner.email)
    return Made(str(offering.offer(of.lead, of.team.pk, asked, key="", language="en", now=now()).offer))


def _second_team(house: House, side: Side) -> Made:
    team = catalogue.add_team("second", "Second team", now=now())
    catalogue.add_contract(team, Scheme.FLEX, offer="all", card="flex", start=day_of(now()))
    Membership.objects.create(team=team, user=side.lead, role=Role.PRIMARY)
    return Made(str(team.pk))


def _product(house: House, side: Side) -> Made:
    nth = next(_numbers)
    row = catalogue.add_product(catalogue.NewProduct(code=f"P{nth}", name=f"Product {nth}"))
    return Made(str(row.pk), Product.objects.get(pk=row.pk))


def _code(house: House, side: Side) -> Made:
    return Made(Product.objects.get(pk=_product(house, side).name).code)


def _offer(house: House, side: Side) -> Made:
    return Made(str(Offer.objects.get(code="all").pk))


def _card(house: House, side: Side) -> Made:
    return Made(str(RateCard.objects.get(code="flex").pk))


def _proposal(house: House, side: Side) -> Made:
    asked = desk.Giving(
        Purchase(contract=Contract.objects.get(team=house.world.flex).number, pool=Pool.FLEX, tokens=tokens("10"))
    )
    with override_settings(APPROVAL_TOKENS=1):
        waits = desk.act(asked, actor="command", now=now(), key=str(next(_numbers)))
    assert isinstance(waits, desk.Waits)
    return Made(str(waits.number), Proposal.objects.get(pk=waits.number))


def _entry(house: House, side: Side) -> Made:
    name = f"entry-{next(_numbers)}"
    use = Consumption(person="user@example.com", product="A", tokens="1", reason="off network")
    by_primary.consume(side.lead, side.team.pk, Entry(name, day_of(now())), use, now=now())
    return Made(str(Event.objects.get(event_id=name).pk))


def _filed_mail(house: House, side: Side) -> Made:
    outbox.file_away(b"Subject: Hello\nTo: a@example.com\n\nHello\n", next(_numbers), now=now())
    return Made(outbox.listed_files()[0].name)


def _team(house: House, side: Side) -> Made:
    return Made(str(side.team.pk))


def _hidden(house: House, side: Side) -> Made:
    names.turn(side.lead, side.team.pk, hidden=True, now=now())
    return Made(str(side.team.pk))


def _receiver(house: House, side: Side) -> Made:
    team = catalogue.add_team("receiver", "Receiving team", now=now())
    catalogue.add_contract(team, Scheme.FLEX, offer="all", card="flex", start=day_of(now()))
    return Made(team.slug)


def _spare_team(house: House, side: Side) -> Made:
    row = catalogue.add_team(f"spare-{next(_numbers)}", "Spare team", now=now())
    LedgerHead.objects.filter(team=row).delete()
    Account.objects.filter(team=row).delete()
    return Made(str(row.pk), row)


def _spare_contract(house: House, side: Side) -> Made:
    scheme = Scheme.ENTERPRISE if side.team == house.world.flex else Scheme.FLEX
    row = catalogue.add_contract(side.team, scheme, offer="all", card="ent", start=day_of(now()))
    return Made(row.number, row)


def _spare_contract_id(house: House, side: Side) -> Made:
    row = Contract.objects.get(number=_spare_contract(house, side).name)
    return Made(str(row.pk), row)


def _spare_offer(house: House, side: Side) -> Made:
    row = catalogue.add_offer(f"spare-{next(_numbers)}", by=Hand("test", now()))
    return Made(str(row.pk), row)


def _spare_card(house: House, side: Side) -> Made:
    row = catalogue.add_card(f"spare-{next(_numbers)}", by=Hand("test", now()))
    return Made(str(row.pk), row)


_NO_UUID = "00000000-0000-4000-8000-000000000000"
_NO_EXPORT = f"2026-01-01T00:00:00#{_NO_UUID}"

KINDS = {
    "hidden names": Kind(_hidden, once=True),
    "receiver": Kind(_receiver, shared=True, once=True),
    "person": Kind(_person),
    "member": Kind(_member),
    "unclaimed": Kind(_unclaimed),
    "pseudonym": Kind(_pseudonym, "u-none"),
    "invitation": Kind(_invitation),
    "grave_invitation": Kind(_grave_invitation),
    "secret": Kind(_secret, "none", shared=True),
    "group": Kind(_group),
    "list": Kind(_list),
    "seat": Kind(_seat),
    "membership": Kind(_membership),
    "handover": Kind(_handover, personal=True, once=True),
    "export": Kind(_export, _NO_EXPORT, personal=True),
    "recurring": Kind(_recurring, _NO_UUID, personal=True),
    "token": Kind(_token, personal=True),
    "consent": Kind(_consent, _NO_UUID, personal=True),
    "program": Kind(_program, "none"),
    "session": Kind(_session, "none", personal=True),
    "charge": Kind(_charge, "999999999999", personal=True),
    "number": Kind(_number, "999999999999", spare=_spare_contract),
    "used product": Kind(_used_product, "NONE"),
    "product code": Kind(_offered_product, "NONE", shared=True),
    "domain": Kind(_domain),
    "source": Kind(_source, shared=True),
    "team": Kind(_team, spare=_spare_team),
    "any team": Kind(_team, shared=True, spare=_spare_team),
    "contract": Kind(_contract, shared=True, spare=_spare_contract_id),
    "pack": Kind(_pack, shared=True),
    "team pack": Kind(_team_pack),
    "token offer": Kind(_token_offer),
    "tokens offered": Kind(_tokens_offered, shared=True, once=True),
    "second team": Kind(_second_team, shared=True, once=True),
    "product": Kind(_product, shared=True),
    "code": Kind(_code, shared=True),
    "offer": Kind(_offer, shared=True, spare=_spare_offer),
    "card": Kind(_card, shared=True, spare=_spare_card),
    "proposal": Kind(_proposal, shared=True),
    "entry": Kind(_entry),
    "any entry": Kind(_entry, shared=True),
    "mail": Kind(_filed_mail, "20261122000000000-99999", shared=True),
}
