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
    DashboardPage("link", "/sign-in/link/{link}", is_public=True),
    DashboardPage("overview", ""),
    DashboardPage("calls", "/calls"),
    DashboardPage("calls-scheduled", "/calls?tab=scheduled"),
    DashboardPage("calls-past", "/calls?tab=past"),
    DashboardPage("call", "/calls/{call}"),
    DashboardPage("call-waiting", "/calls/{waiting}"),
    DashboardPage("call-again", "/calls/new?again={call}"),
    DashboardPage("call-audit", "/calls/{call}/audit"),
    DashboardPage("call-new", "/calls/new"),
    DashboardPage("call-promise", "/calls/{waiting}/promise"),
    DashboardPage("promises", "/calls/promises"),
    DashboardPage("call-reschedule", "/calls/{waiting}/reschedule"),
    DashboardPage("campaigns", "/campaigns"),
    DashboardPage("campaign-new", "/campaigns/new"),
    DashboardPage("campaign-draft", "/campaigns/{draft}", "#preflight .big-numbers"),
    DashboardPage("campaign", "/campaigns/{campaign}"),
    DashboardPage("campaign-ended", "/campaigns/{ended}"),
    DashboardPage("campaign-contacts", "/campaigns/{campaign}/contacts"),
    DashboardPage("campaign-settings", "/campaigns/{campaign}/settings"),
    DashboardPage("campaign-add", "/campaigns/{campaign}/add"),
    DashboardPage("campaign-split", "/campaigns/{draft}/split"),
    DashboardPage("campaign-steps", "/campaigns/{draft}/steps"),
    DashboardPage("campaign-redial", "/campaigns/{ended}/redial"),
    DashboardPage("campaign-preflight", "/campaigns/{draft}/preflight"),
    DashboardPage("campaign-forecast", "/campaigns/{draft}/forecast"),
    DashboardPage("agents", "/agents"),
    DashboardPage("agent", "/agents/{agent}"),
    DashboardPage("agent-new", "/agents/new"),
    DashboardPage("agent-edit", "/agents/{agent}/edit"),
    DashboardPage("pathways", "/pathways"),
    DashboardPage("pathway", "/pathways/{pathway}"),
    DashboardPage("pathway-new", "/pathways/new"),
    DashboardPage("pathway-edit", "/pathways/{pathway}/edit"),
    DashboardPage("pathway-rehearsal", "/pathways/{pathway}/rehearsal"),
    DashboardPage("transfers", "/pathways/transfers"),
    DashboardPage("transfer-target-new", "/pathways/transfers/new"),
    DashboardPage("transfer-target", "/pathways/transfers/{target}"),
    DashboardPage("do-not-call", "/do-not-call"),
    DashboardPage("do-not-call-import", "/do-not-call/import"),
    DashboardPage("registries", "/compliance/registries"),
    DashboardPage("registry-import", "/compliance/registries/import"),
    DashboardPage("consents", "/compliance/consents"),
    DashboardPage("consent-new", "/compliance/consents/new"),
    DashboardPage("consent-import", "/compliance/consents/import"),
    DashboardPage("consent-revoke", "/compliance/consents/{consent}/revoke"),
    DashboardPage("rules", "/compliance/rules"),
    DashboardPage("own-rules", "/compliance/own"),
    DashboardPage("own-rule-new", "/compliance/own/new"),
    DashboardPage("own-rule-end", "/compliance/own/{overlay}/end"),
    DashboardPage("waivers", "/compliance/waivers"),
    DashboardPage("waiver-new", "/compliance/waivers/new"),
    DashboardPage("waiver-end", "/compliance/waivers/{rule}/end"),
    DashboardPage("prerequisites", "/compliance/prerequisites"),
    DashboardPage("prerequisite-new", "/compliance/prerequisites/new?prerequisite=in.dlt"),
    DashboardPage("prerequisite-withdraw", "/compliance/prerequisites/{prerequisite}/withdraw"),
    DashboardPage("coming", "/compliance/coming"),
    DashboardPage("explain", "/compliance/explain"),
    DashboardPage("webhooks", "/webhooks"),
    DashboardPage("webhook", "/webhooks/{webhook}"),
    DashboardPage("webhook-new", "/webhooks/new"),
    DashboardPage("webhook-edit", "/webhooks/{webhook}/edit"),
    DashboardPage("delivery", "/webhooks/{webhook}/deliveries/{delivery}"),
    DashboardPage("settings", "/settings"),
    DashboardPage("people", "/settings/people"),
    DashboardPage("single-sign-on", "/settings/single-sign-on"),
    DashboardPage("keys", "/settings/keys"),
    DashboardPage("carriers", "/settings/carriers"),
    DashboardPage("audit-log", "/settings/audit-log"),
    DashboardPage("you", "/me"),
    DashboardPage("time-zone", "/zone"),
    DashboardPage("not-found", "/nowhere"),
)
