"""What is said and answered of `forecasts`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime

from trunkline_client.models.base import Answer, Said
from trunkline_client.models.shared import CampaignSchedule, Retry


class AssumptionView(Answer):
    value: float
    source: str


class BlockedView(Answer):
    """Contacts that are never called as things stand, and why."""

    reason: str
    detail: str
    contacts: int
    timezones: list[str]


class FinishView(Answer):
    """When the last call ends in 10, 50 and 90 of a hundred runs."""

    p10: datetime
    p50: datetime
    p90: datetime


class ForecastChanges(Said):
    """The campaign as it would be with these; nothing is changed. `startAt` is not before
    now.
    """

    max_concurrent: int | None = None
    calls_per_minute: int | None = None
    priority: int = 5
    spend_limit: int | None = None
    schedule: CampaignSchedule | None = None
    retry: Retry | None = None
    start_at: datetime | str | None = None


class ForecastRequest(Said):
    """How callees behave, where you know better than what was learned or is assumed."""

    seed: int = 1
    seeds: int | None = None
    answer_rate: float | None = None
    machine_rate: float | None = None
    busy_rate: float | None = None
    invalid_rate: float | None = None
    failed_rate: float | None = None
    declined_rate: float | None = None
    talk_seconds: float | None = None
    voicemail_seconds: float | None = None
    ring_seconds: float | None = None
    overhead_seconds: float | None = None
    learn: bool = True
    others: bool = True
    changes: ForecastChanges | None = None


class OtherCallsView(Answer):
    """Calls of the account that wait beside the campaign's; null: of no campaign."""

    campaign_id: str | None
    priority: int
    calls: int


class SpreadView(Answer):
    """What 10, 50 and 90 of a hundred runs had at most."""

    p10: float
    p50: float
    p90: float


class SeriesPointView(Answer):
    """From `at` for `stepMinutes`: dials, as if an hour were like this, and slots in use."""

    at: datetime
    calls_per_hour: SpreadView
    busy_slots: SpreadView


class ForecastView(Answer):
    """What the campaign would come to, over several runs that differ by chance only."""

    begin: datetime
    seed: int
    seeds: int
    contacts: int
    finish: FinishView | None
    attempts: SpreadView
    answered: SpreadView
    talk_seconds: SpreadView
    cost: SpreadView
    currency: str
    most_busy: SpreadView
    slots: int | None
    outcomes: dict[str, SpreadView]
    refused: dict[str, SpreadView]
    missed: dict[str, SpreadView]
    unfinished: dict[str, SpreadView]
    never_called: SpreadView
    step_minutes: int
    series: list[SeriesPointView]
    blocked: list[BlockedView]
    assumptions: dict[str, AssumptionView]
    learned_from: int
    by_hour_of_week: bool
    others: list[OtherCallsView]
    notes: list[str]
