"""The records as a Django application."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """The application `records`; its label is part of the user model's name for ever."""

    name = "farebox.records"
    label = "records"
