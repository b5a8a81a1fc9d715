"""A team whose administrator manages its people, for tests of what opens products; and short ways to ask."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.world import NOW, START, World

from farebox.domain.amounts import tokens
from farebox.domain.clock import Instant
from farebox.domain.rights import Role
from farebox.records import access
from farebox.records.models import Audit, Invitation, Mail, Person, Product, User
from farebox.services import assign, catalogue, groups
from farebox.services.authorise import Answer, Launch, authorise

BOSS = "boss@example.com"


@dataclass
class Office:
    """The Flex team with tokens, its primary administrator, and two members: Ann Ek and Ben."""

    world: World
    boss: User = field(init=False)
    ann: int = field(init=False)
    ben: int = field(init=False)

    def __post_init__(self) -> None:
        """Build it."""
        self.world.give("1000")
        self.boss = self.account(BOSS, "The Boss", Role.PRIMARY)
        self.ann, self.ben = self.member("ann", "Ann Ek"), self.member("ben", "Ben")

    @property
    def team(self) -> int:
        """The number of the team."""
        return self.world.flex.pk

    def account(self, address: str, name: str, role: Role) -> User:
        """Add an account with a role in the team."""
        return catalogue.add_account(address, "correct horse battery", name, roles={self.world.flex: role}, now=START)

    def member(self, key: str, name: str = "") -> int:
        """Add a member of the team, and return the number."""
        return catalogue.add_person(self.world.flex, f"{key}@example.com", name, now=START).pk

    def unclaimed(self, key: str) -> int:
        """Add somebody who is only known from usage."""
        made = Person.objects.create(team=self.world.flex, key=key, pseudonym=f"u-{key}", created_us=START)
        return made.pk

    def invited(self, key: str, *, sent: Instant = NOW) -> int:
        """Add somebody who was invited and has not accepted."""
        person = self.unclaimed(f"{key}@example.com")
        Invitation.objects.create(
            team=self.world.flex, person_id=person, role=Role.USER, nonce="0" * 32, language="en",
            created_us=sent, sent_us=sent,
        )  # fmt: skip
        return person

    def group(self, name: str, *people: int, give: tuple[str, ...] = ()) -> int:
        """Make a group with people and products."""
        made = groups.make(self.boss, self.team, name, now=NOW)
        if people:
            groups.join(self.boss, self.team, made, people, now=NOW)
        groups.set_products(self.boss, self.team, made, give, now=NOW)
        return made

    def tick(self, person: int, *codes: str, every: bool = False, now: Instant = NOW) -> assign.Saved:
        """Save the ticks of one person."""
        return assign.set_products(self.boss, self.team, person, codes, every=every, now=now)

    def offer(self, code: str, *, since: Instant = NOW) -> Product:
        """Add a product to the offer, with a rate."""
        made = catalogue.add_product(catalogue.NewProduct(code=code, name=f"Product {code}"))
        catalogue.set_rate("flex", made, tokens("3"), since=since)
        catalogue.open_offer("all", [made], since=since)
        return made

    def opens(self, person: int, *, now: Instant = NOW) -> str:
        """Return the codes of what somebody may open now, as a text."""
        found = access.in_force([person]).get(person, set())
        offered = access.offer(self.team, now=now)
        numbers = offered if 0 in found else offered & found
        return " ".join(sorted(Product.objects.filter(pk__in=numbers).values_list("code", flat=True)))

    def launch(self, key: str, product: str = "A", *, now: Instant = NOW) -> Answer:
        """Open a product, as it asks."""
        return authorise(Launch(self.team, f"{key}@example.com", product), now=now)

    def asks(self, key: str, product: str = "A", *, now: Instant = NOW) -> str:
        """Ask as a product does whether somebody may open it, and return the reason of the answer."""
        return str(self.launch(key, product, now=now).grounds)

    def mails(self) -> list[tuple[int | None, str]]:
        """Return whom a mail waits for, and which products it tells of."""
        return [(one.person_id, one.facts["products"]) for one in Mail.objects.order_by("pk")]

    def audit(self) -> list[str]:
        """Return the rows of the audit of access, as short texts; who did it is the administrator."""
        rows = Audit.objects.filter(team_id=self.team, actor=f"account {self.boss.pk}").order_by("pk")
        codes = dict[int | None, str](Product.objects.values_list("pk", "code")) | {None: "all"}
        return [
            f"{row.verb} {row.object} {codes[row.facts['product']]}"
            if "product" in row.facts
            else f"{row.verb} {row.object}"
            for row in rows
        ]
