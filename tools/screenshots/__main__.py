"""Photographs every page of the dashboard into docs/screenshots, from a stack of made-up people.

python -m tools.screenshots [NAME …]
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser

from tests.e2e.browser.chromium import DESKTOP, PHONE, browsing
from tests.e2e.browser.pages import PAGES, DashboardPage
from tests.e2e.browser.sample import furnish
from tests.e2e.browser.visitor import Visitor
from tests.e2e.stack import Stack
from tools.screenshots.history import add_history

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
#: Beside a photograph by day, which all have.
DARK = ("overview", "call", "campaign")
ON_A_PHONE = ("overview", "calls-scheduled", "call", "campaign")
#: Taller pages are cut here: what stands below is more of the same.
TALLEST = {"overview": 2300}
USUALLY_AT_MOST = 1200
COLOURS = 40


class Photographer:
    """Takes one picture after another of a stack."""

    def __init__(self, browser: Browser, stack: Stack, ids: dict[str, str]) -> None:
        self._browser, self._stack, self._ids = browser, stack, ids
        with self._visiting() as visitor:
            visitor.sign_in()
            self._session = visitor.page.context.storage_state()

    def photograph(self, page: DashboardPage) -> None:
        """By day; of some also at night, and on a phone."""
        self._shoot(page, page.name, viewport=DESKTOP)
        if page.name in DARK:
            self._shoot(page, f"{page.name}-dark", viewport=DESKTOP, color_scheme="dark")
        if page.name in ON_A_PHONE:
            self._shoot(page, f"{page.name}-phone", viewport=PHONE)

    def _shoot(self, page: DashboardPage, name: str, **how: Any) -> None:
        session = None if page.is_public else self._session
        with self._visiting(storage_state=session, **how) as visitor:
            visitor.go(page.path.format(**self._ids))
            visitor.page.locator(page.ready).first.wait_for()
            most = TALLEST.get(name.removesuffix("-dark"), USUALLY_AT_MOST)
            whole = visitor.page.evaluate("document.documentElement.scrollHeight")
            clip: Any = {"x": 0, "y": 0, **how["viewport"], "height": min(whole, most)}
            taken = visitor.page.screenshot(full_page=True, clip=clip)
        file = FOLDER / f"{name}.png"
        size = _keep(taken, file)
        sys.stdout.write(f"{file.relative_to(FOLDER.parents[1])}  {size // 1024} KiB\n")

    @contextmanager
    def _visiting(self, **how: Any) -> Iterator[Visitor]:
        context = self._browser.new_context(**how)
        try:
            yield Visitor.of(context, self._stack.ready["api"], self._stack.ready["apiKey"])
        finally:
            context.close()


def main() -> None:
    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="trunkline-screenshots-") as folder:
        stack = Stack(Path(folder), {}).start()
        try:
            ids = _furnished(stack)
            with browsing() as browser:
                photographer = Photographer(browser, stack, ids)
                for page in PAGES:
                    if not wanted or page.name in wanted:
                        photographer.photograph(page)
        finally:
            stack.stop()


def _furnished(stack: Stack) -> dict[str, str]:
    ids = furnish(stack)
    account = stack.api.get("/api/v1/account").json()["accountId"]
    agents = [one["agentId"] for one in stack.api.get("/api/v1/agents").json()["agents"]]
    url = f"sqlite+aiosqlite:///{stack.data_dir / 'trunkline.db'}"
    add_history(url, account, agents)
    return ids


def _keep(taken: bytes, file: Path) -> int:
    """With as few colours as one does not miss; returns how many bytes it has."""
    with Image.open(BytesIO(taken)) as image:
        few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    FOLDER.mkdir(exist_ok=True)
    few.save(file, "PNG", optimize=True)
    return file.stat().st_size


if __name__ == "__main__":
    main()
