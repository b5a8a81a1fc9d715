"""What is about the embedded engine is not asked of another."""

from __future__ import annotations

from django.conf import settings

collect_ignore = ["test_engine.py", "test_lane.py"] if settings.ON_POSTGRESQL else []
