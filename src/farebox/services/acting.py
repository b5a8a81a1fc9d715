"""For whom a request works once its team is known: its edge says so, and the records show it nothing else."""

from farebox.records.tenancy import acting_for

__all__ = ["acting_for"]
