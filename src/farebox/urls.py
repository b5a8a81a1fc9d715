"""Every address, in one list."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path, re_path

from farebox.api import authorizations, charges, downloads, events, health, oauth, own, profile
from farebox.api.tokenflex.endpoints import api as usage_data
from farebox.web.views import assets, sign_in, single_sign_on

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
    path("accounts/login/", sign_in.sign_in, name="account_login"),
    path("accounts/again/", sign_in.again, name="account_reauthenticate"),
    path("accounts/again/code/", sign_in.again_by_code, name="mfa_reauthenticate"),
    path("accounts/again/provider/", single_sign_on.again, name="sso-again"),
    path("accounts/login/code/", sign_in.code, name="mfa_authenticate"),
    path("accounts/login/provider/", single_sign_on.start, name="sso-start"),
    path("accounts/password/", sign_in.change_password, name="account_change_password"),
    path("accounts/password/reset/", sign_in.ask_reset, name="account_reset_password"),
    re_path(
        r"^accounts/password/reset/(?P<uidb36>[0-9A-Za-z]{1,13})-(?P<key>[0-9A-Za-z-]{1,100})/$",
        sign_in.new_password,
        name="account_reset_password_from_key",
    ),
    path("accounts/second-factor/", sign_in.second_factor_page, name="mfa_index"),
    path("accounts/second-factor/set-up/", sign_in.set_up_code, name="mfa_activate_totp"),
    path("accounts/second-factor/remove/", sign_in.remove_code, name="mfa_deactivate_totp"),
    path("accounts/second-factor/codes/", sign_in.shown_codes, name="mfa_view_recovery_codes"),
    path("accounts/second-factor/codes/new/", sign_in.more_codes, name="mfa_generate_recovery_codes"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("", include("farebox.web.urls")),
]

handler404 = "farebox.api.edge.not_found"
handler500 = "farebox.api.outages.failed"
