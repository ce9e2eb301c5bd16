"""Variants of a campaign: which calls were made by which, how they ended, who gets which now."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, insert
from sqlalchemy import select as sql_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.campaigns.splits import Split, Variant, learned_shares, sample_of
from policy.model.call import Outcome
from policy.statistics import Sample
from storage.database.core import rows_of
from storage.goals import is_connected_to
from storage.tables import Call, CallVariant, Campaign, Transfer

#: Shares are learned no more often than this: it counts all calls that have ended.
LEARNED_EVERY = timedelta(minutes=1)


async def note(session: AsyncSession, campaign_id: str, variant: str, call_ids: list[str]) -> None:
    """These calls were made by this variant."""
    rows = [{"call_id": id_, "campaign_id": campaign_id, "variant": variant} for id_ in call_ids]
    if rows:
        await session.exec(insert(CallVariant), params=rows)


async def outcomes(session: AsyncSession, campaign_id: str) -> dict[str, Counter[Outcome]]:
    """How the calls of each variant ended, by its name."""
    return await _ended(session, campaign_id)


async def _ended(
    session: AsyncSession, campaign_id: str, *only: ColumnElement[bool]
) -> dict[str, Counter[Outcome]]:
    statement = (
        sql_select(col(CallVariant.variant), col(Call.outcome), func.count())
        .join(Call, col(Call.call_id) == col(CallVariant.call_id))
        .where(col(CallVariant.campaign_id) == campaign_id, col(Call.outcome).is_not(None), *only)
        .group_by(col(CallVariant.variant), col(Call.outcome))
    )
    found: dict[str, Counter[Outcome]] = {}
    for variant, outcome, number in await rows_of(session, statement):
        found.setdefault(variant, Counter())[Outcome(outcome)] += int(number)
    return found


async def made(session: AsyncSession, campaign_id: str) -> dict[str, int]:
    """How many calls each variant has, ended or not."""
    statement = (
        sql_select(col(CallVariant.variant), func.count())
        .where(col(CallVariant.campaign_id) == campaign_id)
        .group_by(col(CallVariant.variant))
    )
    return {name: int(number) for name, number in await rows_of(session, statement)}


def seed_of(campaign_id: str, samples: Mapping[str, Sample]) -> str:
    """Another one with each call that ends, and the same for all who look in between."""
    return f"{campaign_id}:{sum(one.trials for one in samples.values())}"


async def samples(session: AsyncSession, campaign_id: str, split: Split) -> dict[str, Sample]:
    """Of each variant's calls that were made, those that went as wished."""
    ended = await outcomes(session, campaign_id)
    through: dict[str, Counter[Outcome]] = {}
    if split.transferred_to:
        connected = exists().where(
            col(Transfer.call_id) == col(Call.call_id), is_connected_to(split.transferred_to)
        )
        through = await _ended(session, campaign_id, connected)
    return {name: sample_of(split, found, through.get(name)) for name, found in ended.items()}


async def shares(
    session: AsyncSession, campaign: Campaign, split: Split, now: datetime
) -> dict[str, float]:
    """The part of the contacts that each variant gets now; the caller holds the campaign."""
    if not split.learns:
        return split.shares
    kept = campaign.split_learned
    if kept and datetime.fromisoformat(kept["at"]) > now - LEARNED_EVERY:
        return {one.name: kept["shares"][one.name] for one in split.variants}
    found = await samples(session, campaign.campaign_id, split)
    learned = learned_shares(split, found, seed_of(campaign.campaign_id, found))
    campaign.split_learned = {"at": now.isoformat(), "shares": learned}
    session.add(campaign)
    return learned


def campaign_by(campaign: Campaign, variant: Variant) -> Campaign:
    """The campaign as it would be if all its calls were made by this variant; not in a session."""
    defaults = dict(campaign.defaults_spec)
    if variant.caller_id is not None:
        defaults["callerId"] = variant.caller_id
    if variant.voicemail is not None:
        defaults["voicemail"] = dict(variant.voicemail)
    changed = {
        "defaults_spec": defaults,
        "pathway_id": variant.pathway_id or campaign.pathway_id,
        "window_spec": campaign.window_spec if variant.window is None else dict(variant.window),
    }
    return Campaign(**{**campaign.model_dump(), **changed})
