"""The account: its plan, caps, rates and spend limit."""

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from api.compliance.rule_schemas import WaiverView, waiver_view
from api.http.schema import (
    JsonObject,
    Name,
    Request,
    View,
    WholeNumber,
    YesNo,
)
from policy.accounts.plans import Plan
from policy.accounts.pricing import rates_of
from policy.model.call import ExtensionUse
from policy.model.purposes import Sector
from storage.tables import Account, ApiKey

_MOST_MICRO = 10**15

_RATES: JsonObject = {
    "currency": "USD",
    "perMinute": 14000,
    "machineDetection": 7500,
    "recordingPerMinute": 2500,
    "lineTypeLookup": 8000,
    "reassignedLookup": 20000,
    "textSegment": 8300,
}


class Rates(Request):
    """In micro-units of the currency: 14000 is 0.014. What is left out is Twilio's list price."""

    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
    per_minute: WholeNumber = Field(default=14000, ge=0, le=_MOST_MICRO)
    machine_detection: WholeNumber = Field(default=7500, ge=0, le=_MOST_MICRO)
    recording_per_minute: WholeNumber = Field(default=2500, ge=0, le=_MOST_MICRO)
    line_type_lookup: WholeNumber = Field(default=8000, ge=0, le=_MOST_MICRO)
    reassigned_lookup: WholeNumber = Field(default=20000, ge=0, le=_MOST_MICRO)
    text_segment: WholeNumber = Field(default=8300, ge=0, le=_MOST_MICRO)


class AccountPatch(Request):
    """The fields to change; the others stay. A plan sets both caps."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"plan": "professional", "spendLimit": 250_000_000}]}
    )

    name: Name = ""
    plan: Plan | None = None
    max_concurrent: WholeNumber = Field(default=1, ge=1, le=10_000)
    calls_per_minute: WholeNumber = Field(default=1, ge=1, le=100_000)
    rates: Rates = Field(default_factory=Rates)
    spend_limit: WholeNumber | None = Field(
        default=None, ge=0, le=_MOST_MICRO, description="In micro-units. Null: no limit."
    )
    redial_unknown: YesNo = False
    hung_up_early_seconds: WholeNumber = Field(
        default=2,
        ge=0,
        le=30,
        description="Who hangs up within so many seconds of the answer has heard nothing: the"
        " outcome is `hung_up_early`. 0: it is `completed`.",
    )
    sector: Sector | None = Field(
        default=None,
        description="What kind of business it is, where a regulator asks; `other`: none of them."
        " Null: rules of every sector hold.",
    )
    extensions: ExtensionUse = Field(
        default=ExtensionUse.REFUSE,
        description="Numbers with an extension: `refuse` them, or `dial`, and press it once"
        " somebody has answered.",
    )


class DialingPauseView(View):
    """The carrier refuses the account's requests, and nobody is dialed but one call that tries."""

    since: datetime
    cause: str
    next_probe_at: datetime | None = Field(description="The next call in line tries from then on.")
    vain_probes: int


class AccountView(View):
    """The account of the key."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "accountId": "7f0a3a0e-2f0b-4a6e-9a0e-6b7f0f9f2a10",
                    "name": "default",
                    "plan": "professional",
                    "maxConcurrent": 25,
                    "callsPerMinute": 60,
                    "rates": _RATES,
                    "spendLimit": 250_000_000,
                    "spent": 12_640_000,
                    "redialUnknown": False,
                    "hungUpEarlySeconds": 2,
                    "dialingPause": None,
                    "extensions": "refuse",
                    "sector": "other",
                    "waivers": [],
                }
            ]
        }
    )

    account_id: str
    name: str
    plan: Plan | None
    max_concurrent: int
    calls_per_minute: int
    rates: JsonObject
    spend_limit: int | None
    spent: int
    redial_unknown: bool
    hung_up_early_seconds: int
    dialing_pause: DialingPauseView | None = Field(
        description="Null: the carrier takes the account's requests, as far as is known."
    )
    extensions: ExtensionUse
    sector: Sector | None
    waivers: list[WaiverView] = Field(description="Those of the past too.")


class OwnKeyView(View):
    """The key with which the request came. `scopes`: what it may do; `calls:*` is `calls:read` and
    `calls:write`, `*` is all.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "assistant",
                    "prefix": "tl_8fK2",
                    "scopes": ["calls:read", "compliance:read"],
                    "createdTime": "2027-03-01T14:00:00Z",
                }
            ]
        }
    )

    name: str
    prefix: str
    scopes: list[str]
    created_time: datetime


def own_key_view(key: ApiKey) -> OwnKeyView:
    """The row as its holder sees it."""
    return OwnKeyView(
        name=key.name, prefix=key.prefix, scopes=key.scopes, created_time=key.created_time
    )


def account_view(account: Account, spent: int) -> AccountView:
    """The row as the API shows it."""
    same = ("account_id", "name", "plan", "max_concurrent", "calls_per_minute", "spend_limit")
    rates = rates_of(account.rates)
    return AccountView(
        **{name: getattr(account, name) for name in same},
        redial_unknown=account.redial_unknown,
        hung_up_early_seconds=account.hung_up_early_seconds,
        dialing_pause=_pause_view(account),
        extensions=account.extensions,
        sector=account.sector,
        rates={
            "currency": rates.currency,
            "perMinute": rates.per_minute,
            "machineDetection": rates.machine_detection,
            "recordingPerMinute": rates.recording_per_minute,
            "lineTypeLookup": rates.line_type_lookup,
            "reassignedLookup": rates.reassigned_lookup,
            "textSegment": rates.text_segment,
        },
        spent=spent,
        waivers=[waiver_view(waiver) for waiver in account.waivers],
    )


def _pause_view(account: Account) -> DialingPauseView | None:
    if account.paused_since is None:
        return None
    return DialingPauseView(
        since=account.paused_since,
        cause=account.pause_cause or "",
        next_probe_at=account.probe_at,
        vain_probes=account.vain_probes,
    )


def columns(patch: AccountPatch) -> dict[str, Any]:
    """What was said, as columns of `Account`."""
    said = {name: getattr(patch, name) for name in patch.model_fields_set}
    if "rates" in said:
        said["rates"] = patch.rates.as_spec()
    return said
