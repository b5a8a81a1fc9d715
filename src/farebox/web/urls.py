"""The addresses of the pages."""

from __future__ import annotations

from django.urls import path

from farebox.web.views import frame, reporting, settings

urlpatterns = [
    path("", frame.home, name="home"),
    path("favicon.ico", frame.favicon, name="favicon"),
    path("language", frame.language, name="language"),
    path("theme", frame.theme, name="theme"),
    path("reporting/token-usage", reporting.token_usage, name="token-usage"),
    path("settings", settings.settings, name="settings"),
    path("settings/tokens", settings.make_token, name="make-token"),
    path("settings/tokens/<int:token_id>/revoke", settings.revoke_token, name="revoke-token"),
]
