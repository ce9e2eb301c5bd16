"""What a client may ask of a forecast."""

from typing import Annotated

from pydantic import ConfigDict, Field

from api.calls.schemas import Instant
from api.campaigns.schemas import CampaignSchedule
from api.http.schema import JsonObject, Request, Retry, WholeNumber, YesNo

EXAMPLE: JsonObject = {
    "seeds": 10,
    "answerRate": 0.35,
    "talkSeconds": 75,
    "changes": {"maxConcurrent": 20, "schedule": {"callDeadline": "2027-03-05T17:00:00-05:00"}},
}
MOST_SEEDS = 50
Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=1, le=14400)]


class ForecastChanges(Request):
    """The campaign as it would be with these; nothing is changed. `startAt` is not before now.

    `maxConcurrent` and `callsPerMinute` are the campaign's own: the agent's and the account's hold
    besides.
    """

    max_concurrent: WholeNumber | None = Field(default=None, ge=1, le=10000)
    calls_per_minute: WholeNumber | None = Field(default=None, ge=1, le=100000)
    priority: WholeNumber = Field(default=5, ge=0, le=10)
    spend_limit: WholeNumber | None = Field(default=None, ge=0, le=10**15)
    schedule: CampaignSchedule | None = None
    retry: Retry | None = Field(default=None, description="In place of the campaign's own.")
    start_at: Instant | None = Field(default=None, description="When it is started. Default: now.")


class ForecastRequest(Request):
    """How callees behave, where you know better than what was learned or is assumed.

    Rates are shares of attempts; what they leave of 1 is no answer.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    seed: WholeNumber = Field(default=1, ge=0, le=2**31 - 1, description="Of the first run.")
    seeds: WholeNumber | None = Field(
        default=None,
        ge=1,
        le=MOST_SEEDS,
        description="How many runs. Default: 10; fewer of a campaign with many contacts.",
    )
    answer_rate: Share | None = Field(default=None, description="Answered by a person.")
    machine_rate: Share | None = None
    busy_rate: Share | None = None
    invalid_rate: Share | None = None
    failed_rate: Share | None = None
    declined_rate: Share | None = None
    talk_seconds: Seconds | None = Field(default=None, description="The mean.")
    voicemail_seconds: Seconds | None = None
    ring_seconds: Seconds | None = Field(
        default=None, description="Until a person picks up; a machine takes twice as long."
    )
    overhead_seconds: Annotated[float, Field(ge=0, le=600)] | None = Field(
        default=None, description="That a slot is taken besides ringing and talking."
    )
    learn: YesNo = Field(default=True, description="From the account's own attempts.")
    others: YesNo = Field(
        default=True, description="Whether calls of the account that wait beside it have turns."
    )
    changes: ForecastChanges | None = None
