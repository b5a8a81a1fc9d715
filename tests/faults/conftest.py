"""What the tests under faults share: a zygote that starts servers quickly, and data folders to try them on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.estate import Estate, prepare
from tests.faults.zygote import Zygote


@pytest.fixture(scope="session")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    """Start the process that forks servers."""
    started = Zygote(tmp_path_factory.mktemp("zygote"))
    yield started
    started.close()


@pytest.fixture(scope="session")
def estate(zygote: Zygote) -> Estate:
    """Return a prepared installation, to be copied."""
    return prepare(zygote)


@pytest.fixture
def folder(estate: Estate, tmp_path: Path) -> Path:
    """Return a data folder of one's own, prepared."""
    return estate.copy_to(tmp_path / "data")
