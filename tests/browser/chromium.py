"""The Chromium of the distribution: found, or installed where that is allowed."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from playwright.async_api import Browser, async_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_INSTALL = "apt-get update -q && apt-get install -y -q --no-install-recommends chromium"


@cache
def find_chromium() -> str | None:
    """Give the path of a Chromium; installs Debian's by apt as root, None where that fails."""
    return _found() or (_found() if _install() else None)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run one Chromium without a screen."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_chromium(),
            # Its sandbox does not run for root; it only meets our own pages here.
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        try:
            yield browser
        finally:
            await browser.close()


def _found() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def _install() -> bool:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    try:
        done = subprocess.run(
            ["sh", "-c", _INSTALL],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=300,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
