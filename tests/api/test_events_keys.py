"""Who may send events: source keys, each for a team or for the installation, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.api.sending import LOUD, QUIET, Answer, Sender, an_event, state

from farebox.domain.clock import DAY, Instant
from farebox.records.models import Event, Source
from farebox.services import catalogue, sources, tokens
from farebox.wallclock import now


def refused(answer: Answer) -> bool:
    """Tell whether an answer is the one that every wrong key gets."""
    challenge = answer.headers.get("WWW-Authenticate")
    return (answer.status, answer.body["code"], challenge) == (401, "unauthorised", 'Bearer realm="events"')


@pytest.mark.parametrize("path", [LOUD, QUIET])
@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer fbs_", "Bearer fbs_wrong", "Basic Zm9vOmJhcg==", "Bearer wrong, Bearer x", "É"],
)
def test_without_a_key_nothing_is_read(sender: Sender, path: str, authorization: str) -> None:
    """A missing and a wrong key are told apart by nobody."""
    answer = sender.post(an_event(), path=path, headers={"Authorization": authorization})

    assert refused(answer)
    assert state()[0] == 0


def test_every_wrong_key_gets_the_same_bytes(sender: Sender) -> None:
    """Missing, unknown and revoked keys, and keys without the scope, are answered alike."""
    revoked = sources.add("old", team="flex", now=now())
    sources.revoke("old", team="flex", now=now())
    weak = sources.add("weak", team="flex", scopes=("authorize",), now=now())

    answers = [sender.post(an_event(), key=key) for key in ("", "fbs_unknown", revoked, weak)]

    assert all(refused(answer) for answer in answers)
    assert len({str(answer.body) for answer in answers}) == 1
    assert state()[0] == 0


def test_a_revoked_key_ends_at_once(sender: Sender) -> None:
    """The very next request after a revocation is refused (T3)."""
    assert sender.post(an_event("a")).status == 200

    sources.revoke("licence server", team="flex", now=now())

    assert refused(sender.post(an_event("b")))


def test_a_personal_token_opens_no_ingest(sender: Sender) -> None:
    """What may read usage may not send any, and a key may not be put in the address."""
    roles = {sender.world.flex: catalogue.Role.PRIMARY}
    user = catalogue.add_account("boss@example.com", "correct horse battery", "Boss", roles=roles, now=now())
    _, secret = tokens.make(user, name="script", days=30, now=now())

    assert refused(sender.post(an_event(), key=secret))
    assert refused(sender.post(an_event(), key="", path=f"{LOUD}?access_token={sender.key}"))


def test_the_scheme_may_be_written_in_any_case(sender: Sender) -> None:
    """Authentication schemes are case-insensitive (RFC 9110)."""
    assert sender.post(an_event(), headers={"Authorization": f"bEaReR  {sender.key}"}).status == 200


def test_a_teams_key_sends_for_its_team(sender: Sender) -> None:
    """The team may be left out or named; any other, and one that is not there, are the same problem (T2)."""
    assert sender.post(an_event("a")).status == 200
    assert sender.post(an_event("b", team="flex")).status == 200
    other, none = (sender.post(an_event("c", team=team)) for team in ("ent", "nobody"))

    assert other.codes == none.codes == ["/team unknown_team"]
    assert other.body == none.body
    assert {event.team_id for event in Event.objects.all()} == {sender.world.flex.pk}


def test_a_key_of_the_installation_sends_for_any_team_that_it_names(sender: Sender) -> None:
    """Such a key has no team of its own, so that each event must name one."""
    sender = replace(sender, key=sources.add("proxy", now=now()))

    assert sender.post([an_event("a", team="flex"), an_event("a", team="ent")]).counts == (2, 2, 0, 0, 0)
    assert sender.post(an_event("b")).codes == ["/team unknown_team"]
    assert sender.post(an_event("c", team="nobody")).codes == ["/team unknown_team"]


def test_a_source_is_seen(sender: Sender) -> None:
    """A key that speaks is noted, at most once a minute, so that silence can be told."""
    Source.objects.update(seen_us=Instant(now() - DAY))

    sender.post(an_event())

    seen = Source.objects.get().seen_us
    assert seen is not None
    assert now() - seen < DAY
