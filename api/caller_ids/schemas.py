"""Caller IDs and the carrier's lists as they are shown."""

from datetime import datetime

from pydantic import ConfigDict, Field

from api.http.schema import EndpointText, Identifier, JsonObject, Request, View
from policy.caller_ids.pool import Mark
from policy.caller_ids.rests import RestState
from policy.caller_ids.standings import CallerIdCheck, CallerIdStanding

_ACCOUNT = "1d4b7a52-3c1e-4a53-9a0e-5a2f4f6f9a22"
_AGENT = "0b6f3a44-6c0e-4b52-9a49-0d1f3b1f7a55"
_LISTED: JsonObject = {
    "number": "+12025550155",
    "kind": "owned",
    "name": "Front desk",
    "voice": True,
    "shakenStir": "twilio-approved",
    "callerName": None,
    "firstTime": "2026-07-01T14:00:00Z",
    "lostTime": None,
}
_WATCH: JsonObject = {
    "watchId": "7a1c9a52-3c1e-4a53-9a0e-5a2f4f6f9a22",
    "agentId": _AGENT,
    "state": "watched",
    "score": 1.4,
    "limit": 10.5,
    "dials": 412,
    "answered": 141,
    "expectedRate": 0.34,
    "rests": 0,
    "until": None,
}
_LIST: JsonObject = {
    "carrierAccountId": _ACCOUNT,
    "importedTime": "2026-07-01T14:00:00Z",
    "attemptedTime": "2026-07-01T14:00:00Z",
    "error": None,
    "numbers": 12,
}


class ListedNumberView(View):
    """A number as the carrier lists it; `lostTime`: since when it does not any more.

    `voice`, `shakenStir` and `callerName` null: the carrier does not tell. The last two say where a
    registration stands, in the carrier's words.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_LISTED]})

    number: str
    kind: str = Field(description="`owned` or `verified`.")
    name: str
    voice: bool | None
    shaken_stir: str | None
    caller_name: str | None
    first_time: datetime
    lost_time: datetime | None


class NumberListView(View):
    """A list as it was imported last. `carrierAccountId` null: the installation's own account.

    `importedTime` null: never. `error`: why the last try failed.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_LIST]})

    carrier_account_id: str | None
    imported_time: datetime | None
    attempted_time: datetime | None
    error: str | None
    numbers: int


class NumberWatchView(View):
    """How a number fares in the pool of an agent that heals its own.

    `score`: how much speaks for a fall; `limit` over the middle score of its pool it is rested,
    until `until`. `expectedRate`: what it should be answered by its own past and by the pool; null:
    there are too few dials.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_WATCH]})

    watch_id: str
    agent_id: str
    state: RestState
    score: float
    limit: float
    dials: int
    answered: int
    expected_rate: float | None
    rests: int
    until: datetime | None


class ReturnRequest(Request):
    """Which number of which agent's pool."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"agentId": _AGENT, "number": "+12025550155"}]}
    )

    agent_id: Identifier
    number: EndpointText


class CallerIdStandingView(View):
    """A caller ID of the account. `marks`: by agent, why it is not shown, or only to some."""

    number: str
    carrier_account_id: str | None
    standing: CallerIdStanding
    agent_ids: list[str]
    marks: dict[str, Mark]
    listed: ListedNumberView | None
    watches: list[NumberWatchView]


class CallerIdStandings(View):
    """`check`: how strictly new ones are held to the lists; `total` counts all of the account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "check": "imported",
                    "lists": [_LIST],
                    "callerIds": [
                        {
                            "number": "+12025550155",
                            "carrierAccountId": _ACCOUNT,
                            "standing": "owned",
                            "agentIds": [_AGENT],
                            "marks": {},
                            "listed": _LISTED,
                            "watches": [_WATCH],
                        }
                    ],
                    "total": 1,
                }
            ]
        }
    )

    caller_ids: list[CallerIdStandingView]
    total: int
    check: CallerIdCheck
    lists: list[NumberListView]


class ListedNumbers(View):
    """What may be shown by one account at the carrier; `total` counts all of them."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"of": _LIST, "numbers": [_LISTED], "total": 1}]}
    )

    of: NumberListView
    numbers: list[ListedNumberView]
    total: int


class ImportRequest(Request):
    """Of which account at the carrier; null: the installation's own."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"carrierAccountId": None}]})

    carrier_account_id: Identifier | None = None


class ImportView(View):
    """What was found: how many numbers there are, and how many came and went."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"of": _LIST, "added": 12, "lost": 0}]}
    )

    of: NumberListView
    added: int
    lost: int
