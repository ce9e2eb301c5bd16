"""Which calls an entry or a consent is about, as a form offers it: `all`, or `agent:<id>`."""

from api.http.deps import Services
from api.http.schema import JsonObject
from policy.model.purposes import Purpose
from storage.accounts import agents
from storage.campaigns import campaigns
from storage.tables import Account

_OFFERED = 100


async def scope_options(uses: Services, account: Account) -> list[tuple[str, str]]:
    """All calls, those of a purpose, of an agent, or of one of the newest campaigns."""
    async with uses.db.browse() as session:
        some, _ = await agents.page(session, account.account_id, 0, _OFFERED)
        newest, _ = await campaigns.page(session, account.account_id, (), 0, _OFFERED)
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
