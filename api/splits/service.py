"""Variants of a campaign: set while it is a draft, compared at any time."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.request_parser import require_in_pool, voicemail_must_speak
from api.calls.submission import require_pathway
from api.campaigns.lookup import agent_of, found, held
from api.http.deps import Services
from api.http.problems import Problem, conflict, invalid, not_found
from api.http.schema import JsonObject
from api.http.values import read_endpoint
from api.splits.schemas import SplitRequest, VariantRequest
from api.splits.views import SplitView, split_view
from policy.campaigns.splits import split_of, standings
from policy.model.call import CampaignStatus
from policy.time.windows import BadWindow
from storage.campaigns import variants
from storage.tables import Agent, Campaign, specs


async def look(uses: Services, account_id: str, campaign_id: str) -> SplitView:
    """How the variants do; raises a 404 Problem for a campaign that has none."""
    async with uses.db.read() as session:
        campaign = await found(session, account_id, campaign_id)
        return await _compared(session, campaign, uses.now())


async def replace(
    uses: Services, account_id: str, campaign_id: str, body: SplitRequest
) -> SplitView:
    """Sets the variants of a draft. Of a campaign that runs only `learns` may change."""
    async with uses.db.write() as session:
        campaign = await held(session, account_id, campaign_id)
        spec = await _spec(session, campaign, body)
        _require_changeable(campaign, spec)
        campaign.split_spec, campaign.split_learned = spec, None
        await _changed(session, campaign, uses.now())
        return await _compared(session, campaign, uses.now())


async def remove(uses: Services, account_id: str, campaign_id: str) -> None:
    """A draft without variants calls everybody in one way."""
    async with uses.db.write() as session:
        campaign = await held(session, account_id, campaign_id)
        _require_changeable(campaign, None)
        campaign.split_spec = campaign.split_learned = None
        await _changed(session, campaign, uses.now())


async def _changed(session: AsyncSession, campaign: Campaign, now: datetime) -> None:
    campaign.updated_time = now
    session.add(campaign)
    await session.flush()


def _require_changeable(campaign: Campaign, spec: JsonObject | None) -> None:
    if campaign.status is CampaignStatus.DRAFT:
        return
    before = campaign.split_spec
    if before is None or spec is None or {**before, "learns": None} != {**spec, "learns": None}:
        raise conflict("not_a_draft", "A campaign that was started keeps its variants.")


async def _compared(session: AsyncSession, campaign: Campaign, now: datetime) -> SplitView:
    split = split_of(campaign.split_spec)
    if split is None:
        raise not_found("split")
    samples = await variants.samples(session, campaign.campaign_id, split)
    seed = variants.seed_of(campaign.campaign_id, samples)
    kept = campaign.split_learned
    shares = kept["shares"] if kept and split.learns else split.shares
    calls = await variants.made(session, campaign.campaign_id)
    return split_view(split, standings(split, samples, seed), shares, calls)


async def _spec(session: AsyncSession, campaign: Campaign, body: SplitRequest) -> JsonObject:
    agent = await agent_of(session, campaign.account_id, campaign.agent_id)
    names = [one.name for one in body.variants]
    if len(set(names)) < len(names):
        raise invalid("duplicate", "variants", "Each variant has a name of its own.")
    said = [
        await _variant(session, campaign, agent, one, f"variants.{nth}")
        for nth, one in enumerate(body.variants)
    ]
    if not (body.success or body.transferred_to):
        message = "Say which outcomes, or which transfers, are what is wished."
        raise invalid("required", "success", message)
    spec: JsonObject = {
        "success": sorted({one.value for one in body.success}),
        "learns": body.learns,
        "variants": said,
    }
    through = sorted(set(body.transferred_to))
    return {**spec, "transferredTo": through} if through else spec


async def _variant(
    session: AsyncSession, campaign: Campaign, agent: Agent, said: VariantRequest, field: str
) -> JsonObject:
    spec = said.as_spec()
    spec["weight"] = said.weight
    if said.pathway_id is not None:
        try:
            await require_pathway(session, campaign.account_id, said.pathway_id)
        except Problem:
            message = "There is no such pathway."
            raise invalid("unknown_pathway", f"{field}.pathwayId", message) from None
    if said.caller_id is not None:
        spec["callerId"] = read_endpoint(said.caller_id, f"{field}.callerId").value
        require_in_pool(agent, spec["callerId"], f"{field}.callerId")
    if said.window is not None:
        _require_window(spec["window"], f"{field}.window")
    voicemail_must_speak(spec.get("voicemail") or {})
    return spec


def _require_window(spec: JsonObject, field: str) -> None:
    try:
        specs.weekly_from_days_spec(spec)
    except BadWindow as exc:
        raise invalid("bad_window", field, f"{exc}.") from None
