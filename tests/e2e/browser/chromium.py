"""The browser in which pages are looked at: the machine's own Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, ViewportSize, sync_playwright

#: By these names distributions install it.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
HOW_TO_GET_IT = (
    "no Chromium on the PATH: pages were not looked at. Install it (Debian: `apt-get install "
    "chromium`), or name the program with CHROMIUM."
)


def chromium() -> str | None:
    """The program, if the machine has one."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser without a window."""
    program = chromium()
    if program is None:
        raise RuntimeError(HOW_TO_GET_IT)
    # Its sandbox does not work for root, as whom containers run; it sees nothing but our pages.
    flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        try:
            yield browser
        finally:
            browser.close()
