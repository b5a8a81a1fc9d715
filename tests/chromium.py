"""Debian's Chromium, as the tests start it."""

from __future__ import annotations

import os

PROGRAM = "/usr/bin/chromium"
FLAGS = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FEATURES_OFF = (
    "WebUIOmniboxPopup",  # a page of the address bar that nobody sees, made anew for each tab:
    "WebUIOmniboxAimPopup",  # with it a tab takes three times as long
    # What Playwright turns off itself: of two lists the browser heeds the last one.
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
)


def launch_args() -> dict[str, object]:
    """Return how Playwright starts it; root has no sandbox."""
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    return {"executable_path": PROGRAM, "args": [*FLAGS, f"--disable-features={','.join(FEATURES_OFF)}", *root]}
