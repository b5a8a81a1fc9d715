"""What the operator sets up: products and their codes, rate cards, offers, teams, contracts, accounts of people."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from farebox.domain.amounts import MICRO, Tokens, as_text
from farebox.domain.clock import Day, Instant, as_date, day
from farebox.domain.errors import Conflict, NotFound, Problem, Rejected
from farebox.domain.ledger import AccountKind
from farebox.domain.packs import Pool
from farebox.domain.teams import canonical, is_email
from farebox.domain.usage import UsageCategory
from farebox.records import db, names, outbox
from farebox.records.catalogue import announce_change
from farebox.records.models import (
    Account,
    Contract,
    ContractField,
    Entitlement,
    Family,
    LedgerHead,
    Membership,
    Offer,
    OfferProduct,
    Person,
    Policy,
    Product,
    ProductCode,
    ProductVersion,
    Rate,
    RateCard,
    Team,
    User,
)
from farebox.records.models.contracts import PolicyName, Scheme
from farebox.records.models.teams import Role

__all__ = [
    "NewProduct",
    "Role",
    "Scheme",
    "add_account",
    "add_contract",
    "add_person",
    "add_product",
    "add_team",
    "contract_numbers",
    "contracts",
    "entitle",
    "name_fields",
    "open_offer",
    "product_named",
    "set_policy",
    "set_rate",
    "team_named",
    "team_of",
    "team_slugs",
]

FIRST_DAY, LAST_DAY = day(date(1990, 1, 1)), day(date(2100, 1, 1))
_FOLDED = frozenset(("", ".", ".."))
"""Parts of an address that browsers and servers fold away."""
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProduct:
    """A product for the catalogue; `codes` maps further codes to the version that each tells, or to nothing."""

    code: str
    name: str
    family: str = ""
    category: UsageCategory = UsageCategory.DESKTOP_PRODUCT
    versions: Sequence[str] = ()
    codes: Mapping[str, str] | None = None
    idle_aware: bool = False
    demo: bool = False


def add_team(slug: str, name: str, *, names_hidden: bool = False, now: Instant) -> Team:
    """
    Add a team with its accounts; its reports show names unless told otherwise (quality P1).

    Raises `Rejected` for names that cannot be, `Conflict` for a slug that is taken.
    """
    problems = []
    if not _SLUG.fullmatch(slug):
        problems.append(Problem("/slug", "invalid_value", "a slug is 1 to 60 small letters, digits and hyphens"))
    if not 1 <= len(name.strip()) <= 200:
        problems.append(Problem("/name", "invalid_value", "a name has 1 to 200 characters"))
    if problems:
        raise Rejected(problems)
    with db.atomic():
        if Team.objects.filter(slug=slug).exists():
            raise Conflict(f"there is a team {slug!r} already")
        team = Team.objects.create(slug=slug, name=name, names_hidden=names_hidden, created_us=now)
        LedgerHead.objects.create(team=team)
        kinds = [kind for kind in AccountKind if kind is not AccountKind.PACK]
        Account.objects.bulk_create(Account(team=team, pool=pool, kind=kind) for pool in Pool for kind in kinds)
        announce_change()
    return team


def add_contract(
    team: Team, scheme: Scheme, *, offer: str, card: str, start: Day, name: str = "", end: Day | None = None
) -> Contract:
    """
    Add the team's contract of a scheme, with a generated number (domain C1).

    Raises `Rejected` with every problem, `Conflict` for a second contract of the scheme.
    """
    problems = []
    if not FIRST_DAY <= start < LAST_DAY or not FIRST_DAY <= (start if end is None else end) <= LAST_DAY:
        problems.append(Problem("/start", "out_of_range", "a contract starts and ends between 1990 and 2100"))
    if end is not None and end <= start:
        problems.append(Problem("/end", "end_before_start", "the contract ends before it starts"))
    if not Offer.objects.filter(code=offer).exists():
        problems.append(Problem("/offer", "not_found", f"no offer {offer!r}"))
    if not RateCard.objects.filter(code=card).exists():
        problems.append(Problem("/card", "not_found", f"no rate card {card!r}"))
    if problems:
        raise Rejected(problems)
    with db.atomic():
        if Contract.objects.filter(team=team, scheme=scheme).exists():
            raise Conflict(f"the team has a {scheme} contract already")
        contract = Contract.objects.create(
            team=team,
            number=_number(),
            name=name or team.name,
            scheme=scheme,
            offer=Offer.objects.get(code=offer),
            card=RateCard.objects.get(code=card),
            start_day=start,
            end_day=end,
        )
        announce_change()
    return contract


def _number() -> str:
    """Return a contract number that no contract has: twelve digits, as connectors expect."""
    while True:
        number = f"9{secrets.randbelow(10**11):011d}"
        if not Contract.objects.filter(number=number).exists():
            return number


def team_named(slug: str) -> Team:
    """Return a team by its slug. Raises `NotFound`."""
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise NotFound(f"no team {slug!r}")
    return team


def team_of(owner: str) -> Team:
    """Return a team by the number of one of its contracts, or by its slug. Raises `NotFound`."""
    contract = Contract.objects.filter(number=owner).select_related("team").first()
    return team_named(owner) if contract is None else contract.team


def team_slugs() -> list[str]:
    """Return the slugs of all teams."""
    return list(Team.objects.order_by("slug").values_list("slug", flat=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A contract as a list shows it."""

    number: str
    team: str
    scheme: str
    start: date
    end: date | None


def contracts() -> list[Listed]:
    """Return every contract, by team and scheme."""
    return [
        Listed(
            number=row.number,
            team=row.team.slug,
            scheme=row.scheme.lower(),
            start=as_date(Day(row.start_day)),
            end=None if row.end_day is None else as_date(Day(row.end_day)),
        )
        for row in Contract.objects.select_related("team").order_by("team__slug", "scheme")
    ]


def contract_numbers(team: Team) -> list[str]:
    """Return the numbers of a team's contracts."""
    return list(Contract.objects.filter(team=team).order_by("pk").values_list("number", flat=True))


def product_named(code: str) -> Product:
    """Return a product by its code. Raises `NotFound`."""
    product = Product.objects.filter(code=code).first()
    if product is None:
        raise NotFound(f"no product {code!r}")
    return product


def name_fields(contract: Contract, fields: Mapping[int, str]) -> None:
    """Name charge-back fields of a contract, by their position from 1 to 10."""
    with db.atomic():
        for position, name in fields.items():
            ContractField.objects.update_or_create(contract=contract, position=position, defaults={"name": name})
        announce_change()
        outbox.publish_again()


def set_policy(contract: Contract, name: PolicyName, minutes: int, *, since: Instant) -> None:
    """Set a dated setting of a contract from an instant on."""
    with db.atomic():
        Policy.objects.update_or_create(contract=contract, name=name, since_us=since, defaults={"minutes": minutes})
        announce_change()


def add_product(new: NewProduct) -> Product:
    """
    Add a product. Raises `Conflict` for a code that the catalogue has already, `Rejected` for what can be no code.

    A product has a page whose address ends in its code, so that a code is none that browsers fold.
    """
    problems = [*_code_problems("/code", new.code, 60)]
    if not problems and not _FOLDED.isdisjoint(new.code.split("/")):
        message = f"no address can end in {new.code!r}: no part between slashes is empty, '.' or '..'"
        problems.append(Problem("/code", "invalid_value", message))
    problems += [problem for code in new.codes or () for problem in _code_problems("/codes", code, 120)]
    if problems:
        raise Rejected(problems)
    with db.atomic():
        taken = {new.code, *(new.codes or {})} & set(_codes())
        if taken:
            raise Conflict(f"the catalogue has {', '.join(sorted(taken))} already")
        family, _ = Family.objects.get_or_create(code=new.family or new.code)
        product = Product.objects.create(
            code=new.code,
            name=new.name,
            family=family,
            category=new.category,
            idle_aware=new.idle_aware,
            demo=new.demo,
        )
        ProductVersion.objects.bulk_create(ProductVersion(product=product, code=code) for code in new.versions)
        ProductCode.objects.bulk_create(
            ProductCode(code=code, product=product, version=version) for code, version in (new.codes or {}).items()
        )
        announce_change()
        outbox.announce_names()
    return product


def _code_problems(pointer: str, code: str, length_max: int) -> Iterable[Problem]:
    """Yield what is wrong with a code, with which those of events are compared."""
    if not 1 <= len(code) <= length_max or not code.isprintable() or code != code.strip():
        message = f"a code has 1 to {length_max} printable characters, and no blanks around them"
        yield Problem(pointer, "invalid_value", message)


def _codes() -> Iterable[str]:
    yield from Product.objects.values_list("code", flat=True)
    yield from ProductCode.objects.values_list("code", flat=True)


def open_offer(code: str, products: Iterable[Product], *, since: Instant) -> Offer:
    """Add products to an offer from an instant on, making the offer if it is new (product A3)."""
    with db.atomic():
        offer, _ = Offer.objects.get_or_create(code=code)
        for product in products:
            OfferProduct.objects.get_or_create(offer=offer, product=product, defaults={"since_us": since})
        announce_change()
    return offer


def set_rate(
    card: str,
    product: Product,
    amount: Tokens,
    *,
    since: Instant,
    demo: bool = False,
    complexity: str = "",
    unit_seconds: int = 0,
) -> Rate:
    """
    Set a product's rate on a card from an instant on; charges before it keep theirs (product A2).

    Of a service, `complexity` is the class of job that it prices, and `unit_seconds` how long one unit is where time
    is priced (domain S1, S2). Raises `Rejected` for what no rate can be, `Conflict` for another rate of that instant.
    """
    complexity = complexity.strip().casefold()
    _check_rate(amount, complexity, unit_seconds)
    price = (amount, unit_seconds)
    with db.atomic():
        row, _ = RateCard.objects.get_or_create(code=card, defaults={"demo": demo})
        rate, _ = Rate.objects.get_or_create(
            card=row,
            product=product,
            complexity=complexity,
            since_us=since,
            defaults={"tokens_micro": amount, "unit_size": unit_seconds},
        )
        if (rate.tokens_micro, rate.unit_size) != price:
            raise Conflict(f"{card} has another rate of {product.code} from that instant")
        announce_change()
    return rate


RATE_MAX = Tokens(10**5 * MICRO)
"""The highest rate: what the longest and largest jobs cost still fits in 64 bits."""

_UNIT_SECONDS_MAX = 366 * 86_400


def _check_rate(amount: Tokens, complexity: str, unit_seconds: int) -> None:
    problems = []
    if amount < 0:
        problems.append(Problem("/amount", "invalid_value", "a rate is not negative"))
    if amount > RATE_MAX:
        problems.append(Problem("/amount", "invalid_value", f"a rate is at most {as_text(RATE_MAX)} tokens"))
    if len(complexity) > 60:
        problems.append(Problem("/class", "invalid_value", "a class has at most 60 characters"))
    if not 0 <= unit_seconds <= _UNIT_SECONDS_MAX:
        problems.append(Problem("/unit-seconds", "invalid_value", "a unit has from 1 second to 366 days, or no time"))
    if problems:
        raise Rejected(problems)


def add_person(team: Team, address: str, name: str, *, now: Instant) -> Person:
    """Add a person whose use is metered, or name one whom usage already mentioned."""
    with db.atomic():
        person, _ = Person.objects.update_or_create(
            team=team,
            key=canonical(address),
            defaults={"name": name},
            create_defaults={"name": name, "pseudonym": names.pseudonym(), "created_us": now},
        )
        outbox.announce_names()
    return person


def entitle(person: Person, product: Product, kind: str, *, since: Instant, until: Instant | None = None) -> None:
    """Give a person a seat or a trial of a product (domain F9)."""
    with db.atomic():
        Entitlement.objects.create(person=person, product=product, kind=kind, since_us=since, until_us=until)


def add_account(
    address: str, password: str, name: str, *, roles: Mapping[Team, Role], now: Instant, operator: bool = False
) -> User:
    """
    Add an account that may sign in, with its roles.

    Raises `Rejected` for what is no e-mail address or a password that is too weak, `Conflict` for an address that has
    an account.
    """
    email = canonical(address, pointer="/email")
    problems = [] if is_email(email) else [Problem("/email", "invalid_person", "an account needs an e-mail address")]
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        problems += [Problem("/password", "weak_password", message) for message in error.messages]
    problems += [
        Problem("/role", "invalid_value", f"team {team.slug} has a primary administrator already")
        for team, role in roles.items()
        if role is Role.PRIMARY and Membership.objects.filter(team=team, role=Role.PRIMARY).exists()
    ]
    if problems:
        raise Rejected(problems)
    with db.atomic():
        if User.objects.filter(email=email).exists():
            raise Conflict(f"{email} has an account already")
        user = User.objects.create_user(email, password, name=name, is_operator=operator, created_us=now)
        Membership.objects.bulk_create(Membership(team=team, user=user, role=role) for team, role in roles.items())
    return user
