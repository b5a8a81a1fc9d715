"""Farebox: metering, charging and reporting for software paid for with prepaid tokens."""

__version__ = "0.1.0"
