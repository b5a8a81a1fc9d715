"""Every endpoint of the compatible usage API, in the order in which addresses are matched."""

from __future__ import annotations

from farebox.api.tokenflex.app import api

__all__ = ["api"]
