"""OAuth 2 records; ours from the first migration, so that every token carries its team."""

from __future__ import annotations

from django.db import models
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractApplication,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)


def _team() -> models.ForeignKey[object, object]:
    return models.ForeignKey("records.Team", on_delete=models.CASCADE, null=True, related_name="+")


class Application(AbstractApplication):  # type: ignore[misc]
    """A program registered to ask for usage data on behalf of a person, or of one administrator."""

    team = _team()
    two_legged = models.BooleanField(default=False)

    class Meta(AbstractApplication.Meta):  # type: ignore[misc]
        swappable = "OAUTH2_PROVIDER_APPLICATION_MODEL"


class Grant(AbstractGrant):  # type: ignore[misc]
    """An authorisation code on its way to becoming a token."""

    team = _team()

    class Meta(AbstractGrant.Meta):  # type: ignore[misc]
        swappable = "OAUTH2_PROVIDER_GRANT_MODEL"


class AccessToken(AbstractAccessToken):  # type: ignore[misc]
    """A short-lived bearer token."""

    team = _team()

    class Meta(AbstractAccessToken.Meta):  # type: ignore[misc]
        swappable = "OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL"


class RefreshToken(AbstractRefreshToken):  # type: ignore[misc]
    """What a client exchanges for its next access token."""

    team = _team()

    class Meta(AbstractRefreshToken.Meta):  # type: ignore[misc]
        swappable = "OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL"


class IDToken(AbstractIDToken):  # type: ignore[misc]
    """An identity token's record."""

    team = _team()

    class Meta(AbstractIDToken.Meta):  # type: ignore[misc]
        swappable = "OAUTH2_PROVIDER_ID_TOKEN_MODEL"
