"""The settings of the tests: those of the program, over a data folder that goes with the run."""

import os
import tempfile

_HOME = tempfile.TemporaryDirectory(prefix="farebox-tests-")
os.environ["FAREBOX_DATA"] = _HOME.name  # before the program's settings are read

from farebox.settings import *  # noqa: E402, F403

DATABASES["default"]["TEST"] = {"NAME": ":memory:"}  # noqa: F405 — named, so that side-by-side runs leave it alone
