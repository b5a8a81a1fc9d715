"""Every address, in one list."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path

from farebox.api import authorizations, charges, downloads, events, health, oauth, own, profile
from farebox.api.tokenflex.endpoints import api as usage_data
from farebox.web.forms import SignInForm
from farebox.web.views import assets

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/events", events.receive, name="events"),
    path("api/v1/events", events.receive_quietly, name="events-quiet"),
    path("v1/authorizations", authorizations.ask, name="authorizations"),
    path("v1/authorizations/batch", authorizations.many, name="authorizations-batch"),
    path("v1/authorizations/<str:session>/heartbeat", authorizations.beat, name="authorization-heartbeat"),
    path("v1/authorizations/<str:session>/close", authorizations.close, name="authorization-close"),
    path("v1/charges/<str:item_id>/explanation", charges.explanation, name="explanation"),
    path("tokenflex/v1/", usage_data.urls),
    path("v1/", own.api.urls),
    path("authentication/v2/token", oauth.token, name="token"),
    path("authentication/v1/gettoken", oauth.older(oauth.token), name="token-v1"),
    path("authentication/v2/revoke", oauth.revoke, name="revoke"),
    path("authentication/v2/introspect", oauth.introspect, name="introspect"),
    path(".well-known/oauth-authorization-server", oauth.metadata, name="oauth-metadata"),
    path("userprofile/v1/users/@me", profile.me, name="profile"),
    path("userinfo", profile.userinfo, name="userinfo"),
    path("downloads/<str:signed>", downloads.download, name="download"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("static/<path:path>", assets.asset, name="asset"),
    path("accounts/login/", account.LoginView.as_view(form_class=SignInForm), name="account_login"),
    path("accounts/again/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("", include("farebox.web.urls")),
]

handler404 = "farebox.api.edge.not_found"
handler500 = "farebox.api.outages.failed"
