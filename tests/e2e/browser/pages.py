"""Every page of the dashboard, once. A new page gets a line here, and is thereby looked at for
accessibility and overflow, photographed for `docs/screenshots`, and timed by `make bench`.

What stands in braces is the id of something that whoever opens the page has made.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DashboardPage:
    """`path` is what follows /dashboard. `ready`: a selector of what is there once it is whole."""

    name: str
    path: str
    ready: str = "h1"
    #: Shown to whoever has not signed in.
    is_public: bool = False


PAGES = (
    DashboardPage("sign-in", "/sign-in", is_public=True),
    DashboardPage("overview", ""),
    DashboardPage("calls", "/calls"),
    DashboardPage("calls-scheduled", "/calls?tab=scheduled"),
    DashboardPage("calls-past", "/calls?tab=past"),
    DashboardPage("call", "/calls/{call}"),
    DashboardPage("call-waiting", "/calls/{waiting}"),
    DashboardPage("call-again", "/calls/new?again={call}"),
    DashboardPage("call-audit", "/calls/{call}/audit"),
    DashboardPage("call-new", "/calls/new"),
    DashboardPage("call-reschedule", "/calls/{waiting}/reschedule"),
    DashboardPage("campaigns", "/campaigns"),
    DashboardPage("campaign-new", "/campaigns/new"),
    DashboardPage("campaign-draft", "/campaigns/{draft}", "#preflight .big-numbers"),
    DashboardPage("campaign", "/campaigns/{campaign}"),
    DashboardPage("campaign-ended", "/campaigns/{ended}"),
    DashboardPage("campaign-contacts", "/campaigns/{campaign}/contacts"),
    DashboardPage("campaign-settings", "/campaigns/{campaign}/settings"),
    DashboardPage("campaign-add", "/campaigns/{campaign}/add"),
    DashboardPage("campaign-redial", "/campaigns/{ended}/redial"),
    DashboardPage("campaign-preflight", "/campaigns/{draft}/preflight"),
    DashboardPage("campaign-forecast", "/campaigns/{draft}/forecast"),
    DashboardPage("do-not-call", "/do-not-call"),
    DashboardPage("time-zone", "/zone"),
    DashboardPage("not-found", "/nowhere"),
)
