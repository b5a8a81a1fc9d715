"""Every address, in one list."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path, re_path

from farebox.api import events, health
from farebox.api.tokenflex import query
from farebox.web.views import assets

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/events", events.receive, name="events"),
    path("api/v1/events", events.receive_quietly, name="events-quiet"),
    path("tokenflex/v1/usage/<str:number>/query", query.query, name="usage-query"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("static/<path:path>", assets.asset, name="asset"),
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/password/reset/", account.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("", include("farebox.web.urls")),
]
