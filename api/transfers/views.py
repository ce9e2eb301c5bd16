"""Transfers, their targets and their figures as the API shows them."""

from datetime import datetime

from api.transfers.schemas import (
    AbandonmentStandingView,
    AbandonmentView,
    TransferFigures,
    TransferTargetView,
    TransferView,
)
from policy.transfers.abandonment import DAY, Standing, told
from policy.transfers.targets import WHY_MISSED, is_open, opens_at
from storage.abandonment import Course
from storage.tables import Campaign, Transfer, TransferTarget
from storage.transfers.figures import Figures
from storage.transfers.targets import hours_of


def target_view(row: TransferTarget, now: datetime) -> TransferTargetView:
    """The row as the API shows it."""
    hours = hours_of(row)
    return TransferTargetView(
        target_id=row.target_id,
        name=row.name,
        endpoint=row.endpoint,
        timezone=row.timezone,
        hours=row.hours_spec,
        ring_seconds=row.ring_seconds,
        whisper=row.whisper,
        needs_key=row.needs_key,
        warm=row.warm,
        introduction=row.introduction,
        hold_text=row.hold_text,
        hold_music=row.hold_music,
        is_open=is_open(hours, now),
        opens_at=opens_at(hours, now),
        created_time=row.created_time,
        updated_time=row.updated_time,
    )


def transfer_view(row: Transfer, opens: datetime | None = None) -> TransferView:
    """The row as the API shows it; `opens`: when a closed target is there again."""
    waited = None
    if row.connected_at is not None and row.waiting_since is not None:
        waited = round((row.connected_at - row.waiting_since).total_seconds(), 1)
    return TransferView(
        transfer_id=row.transfer_id,
        call_id=row.call_id,
        campaign_id=row.campaign_id,
        attempt=row.attempt_number,
        target=row.target_name,
        source=row.source,
        state=row.state,
        reason=row.reason,
        detail=WHY_MISSED[row.reason] if row.reason else None,
        warm=row.is_warm,
        was_asked=row.was_asked,
        abandoned=row.abandoned,
        asked_time=row.asked_at,
        waiting_since=row.waiting_since,
        connected_time=row.connected_at,
        ended_time=row.ended_at,
        waited_seconds=waited,
        duration_seconds=row.duration_seconds,
        cost=row.cost,
        opens_at=opens,
    )


def figures_view(found: Figures, since: datetime, campaign_id: str | None) -> TransferFigures:
    """The figures as the API shows them."""
    return TransferFigures(
        since=since,
        campaign_id=campaign_id,
        asked=found.asked,
        connected=found.connected,
        prompt=found.prompt,
        missed=found.missed,
        connected_share=found.connected_share,
        unasked=found.unasked,
        abandoned=found.abandoned,
        abandoned_share=found.abandoned_share,
    )


def abandonment_view(campaign: Campaign, is_watched: bool, course: Course) -> AbandonmentView:
    """Where a campaign stands, by the same rule as it is held to."""
    tight = course.tight if is_watched else None
    most = None if tight is None else tight.most_in_flight
    own = campaign.max_concurrent
    is_slowed = most is not None and (own is None or most < own)
    return AbandonmentView(
        is_watched=is_watched,
        most_in_flight=most,
        is_slowed=is_slowed,
        detail=told(tight) if tight is not None and is_slowed else None,
        standings=[
            _standing_view(one, is_called=is_watched and one.country in course.called)
            for one in _shown(course, is_watched)
        ],
    )


def _shown(course: Course, is_watched: bool) -> list[Standing]:
    """Also countries that are called and of which nobody has answered, where that holds it."""
    found = {one.country: one for one in course.standings}
    if is_watched and course.called:
        found |= {one.country: one for one in course.in_reach}
    return [found[country] for country in sorted(found)]


def _standing_view(one: Standing, *, is_called: bool) -> AbandonmentStandingView:
    return AbandonmentStandingView(
        country=one.country,
        answered=one.answered,
        abandoned=one.abandoned,
        share=round(one.share, 4),
        limit=one.limit.per_mille / 1000,
        within_days=one.limit.over // DAY,
        most_in_flight=one.most_in_flight,
        is_called=is_called,
    )
