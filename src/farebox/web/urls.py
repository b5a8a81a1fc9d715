"""The addresses of the pages."""

from __future__ import annotations

from django.urls import path, register_converter

from farebox.web.numbers import Number
from farebox.web.views import balances, clients, consent, exports, frame, home, names, reporting, settings, time_zone

register_converter(Number, "number")

urlpatterns = [
    path("", home.home, name="home"),
    path("favicon.ico", frame.favicon, name="favicon"),
    path("language", frame.language, name="language"),
    path("theme", frame.theme, name="theme"),
    path("reporting/token-usage", reporting.token_usage, name="token-usage"),
    path("reporting/token-usage/products/<path:code>", reporting.product, name="product-usage"),
    path("reporting/token-usage/users/<str:pseudonym>", reporting.user, name="user-usage"),
    path("reporting/balances", balances.balances, name="balances"),
    path("reporting/export", exports.exports, name="export"),
    path("reporting/export/recurring/<str:recurring_id>", exports.change_recurring, name="export-recurring"),
    path("reporting/export/<str:key>/download", exports.download, name="export-download"),
    path("reporting/export/<str:key>/retry", exports.retry, name="export-retry"),
    path("reporting/export/<str:key>/delete", exports.remove, name="export-delete"),
    path("settings", settings.settings, name="settings"),
    path("settings/tokens", settings.make_token, name="make-token"),
    path("settings/tokens/<number:token_id>/revoke", settings.revoke_token, name="revoke-token"),
    path("settings/consents/<str:family>/withdraw", settings.withdraw_consent, name="withdraw-consent"),
    path("settings/names/<number:team_id>", names.turn, name="names"),
    path("settings/names/<number:team_id>/files", names.files, name="names-files"),
    path("settings/names/reveal", names.reveal_one, name="names-reveal"),
    path("settings/time-zone/<number:team_id>", time_zone.choose, name="time-zone"),
    path("settings/programs", clients.listed, name="clients"),
    path("settings/programs/new/<number:team_id>", clients.register, name="new-client"),
    path("settings/programs/acting/<number:team_id>", clients.allow_acting, name="clients-acting"),
    path("settings/programs/<str:client_id>", clients.shown, name="client"),
    path("settings/programs/<str:client_id>/rotate", clients.rotate, name="client-rotate"),
    path("settings/programs/<str:client_id>/revoke", clients.revoke, name="client-revoke"),
    path("settings/programs/<str:client_id>/act", clients.act, name="client-act"),
    path("authentication/v2/authorize", consent.authorize, name="authorize"),
    path("authentication/v1/authorize", consent.older, name="authorize-v1"),
]
