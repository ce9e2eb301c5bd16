"""Somebody at the dashboard, who notices whatever goes wrong behind a page."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, Response

#: Milliseconds; a machine that does other things besides needs long.
PATIENCE = 60_000
#: The stream ends with its page, and a look that a newer one overtakes is dropped.
_ENDS_WITH_ITS_PAGE = "net::ERR_ABORTED"


@dataclass
class Visitor:
    """A page of a browser of its own. `troubles`: what a person would see in its console."""

    page: Page
    url: str
    key: str
    troubles: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, context: BrowserContext, url: str, key: str) -> "Visitor":
        context.set_default_timeout(PATIENCE)
        visitor = cls(context.new_page(), url, key)
        visitor.page.on("console", visitor._console)
        visitor.page.on("pageerror", lambda error: visitor.troubles.append(f"script: {error}"))
        visitor.page.on("request", visitor._request)
        visitor.page.on("requestfailed", visitor._failed)
        visitor.page.on("response", visitor._response)
        return visitor

    def go(self, path: str) -> None:
        """To a page of the dashboard."""
        self.page.goto(f"{self.url}/dashboard{path}")

    def sign_in(self) -> None:
        self.go("")
        self.page.get_by_label("API key").fill(self.key)
        self.page.get_by_role("button", name="Sign in with the key").click()
        self.heading("Overview").wait_for()

    def heading(self, text: str) -> Locator:
        return self.page.get_by_role("heading", level=1, name=text)

    def confirm(self, question: str, answer: str) -> None:
        """Open what asks once more, and say yes."""
        self.page.locator("summary", has_text=question).first.click()
        self.page.get_by_role("button", name=answer).click()

    def stay(self) -> None:
        """From here on the page must not be loaded anew."""
        self.page.evaluate("window.staysHere = true")

    def stayed(self) -> bool:
        return bool(self.page.evaluate("window.staysHere === true"))

    def address(self, pattern: str) -> str:
        """Where we are led; what the pattern's group finds in it."""
        self.page.wait_for_url(re.compile(pattern))
        found = re.search(pattern, self.page.url)
        assert found is not None
        return found[1] if found.groups() else found[0]

    # -- what is noticed

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if request.url.startswith(("data:", "blob:")):
            return
        if urlsplit(request.url).netloc != urlsplit(self.url).netloc:
            self.troubles.append(f"another host: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != _ENDS_WITH_ITS_PAGE:
            self.troubles.append(f"failed: {request.url} {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.troubles.append(f"{response.status}: {response.url}")
