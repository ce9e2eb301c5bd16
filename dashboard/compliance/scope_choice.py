"""Which calls an entry or a consent is about, as a form offers it: `all`, or `agent:<id>`."""

from api.http.auth import allows
from api.http.deps import Services
from api.http.schema import JsonObject
from dashboard.page import Session
from policy.model.purposes import Purpose
from storage.accounts import agents
from storage.campaigns import campaigns
from storage.tables import Agent, Campaign

_OFFERED = 100


async def scope_options(uses: Services, who: Session) -> list[tuple[str, str]]:
    """All calls, those of a purpose, of an agent, or of one of the newest campaigns.

    Agents and campaigns are named to those only who may see them.
    """
    account_id, scopes = who.account.account_id, who.key.scopes
    some, newest = list[Agent](), list[Campaign]()
    async with uses.db.browse() as session:
        if allows(scopes, "agents:read"):
            some, _ = await agents.page(session, account_id, 0, _OFFERED)
        if allows(scopes, "campaigns:read"):
            newest, _ = await campaigns.page(session, account_id, (), 0, _OFFERED)
    return [
        ("all", "all calls"),
        *((f"purpose:{one}", f"calls for {one.replace('_', ' ')}") for one in Purpose),
        *((f"agent:{one.agent_id}", f"calls by {one.name}") for one in some),
        *((f"campaign:{one.campaign_id}", f"calls of {one.name}") for one in newest),
    ]


def scope_of(text: str) -> JsonObject:
    """The fields of a request that say the same."""
    kind, _, of = text.partition(":")
    return {"scope": kind or "all", "scopeId": of or None}
