"""
The settings of the tests: those of the program, over a data folder that goes with the run.

`FAREBOX_TEST_ENGINE=postgresql` runs the same tests on PostgreSQL; `tests/conftest.py` starts a server for them.
"""

import os
import tempfile

_HOME = tempfile.TemporaryDirectory(prefix="farebox-tests-")
os.environ["FAREBOX_DATA"] = _HOME.name  # before the program's settings are read
os.environ.pop("FAREBOX_DATABASE_URL", None)
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop stays in the thread in which other tests follow

from farebox.settings import *  # noqa: E402, F403

QUERY_THREADS = 0  # other threads do not see what a test has not committed; tests/services/test_queries_* have some
PASSWORD_HASHERS = ["tests.hashers.QuickArgon2", *PASSWORD_HASHERS[1:]]  # noqa: F405 -- thousands of accounts are made
ON_POSTGRESQL = os.environ.get("FAREBOX_TEST_ENGINE") == "postgresql"
if ON_POSTGRESQL:
    DATABASES = {"default": {"ENGINE": "farebox.records.postgres", "NAME": "farebox"}}
else:
    DATABASES["default"]["TEST"] = {"NAME": ":memory:"}  # named, so that side-by-side runs leave it alone
