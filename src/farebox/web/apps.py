"""The Django application that brings the templates, the stylesheet, the script and the catalogues."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The pages, as Django knows them."""

    name = "farebox.web"
    label = "web"

    def ready(self) -> None:
        """Listen to who signs in."""
        from farebox.web.audited import listen

        listen()
