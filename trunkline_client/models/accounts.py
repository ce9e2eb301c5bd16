"""What is said and answered of `accounts`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import Field

from trunkline_client.models.base import Answer, Said
from trunkline_client.models.shared import ExtensionUse, WaiverView

Plan = Literal["starter", "professional", "enterprise"]

Sector = Literal["bank", "lender", "insurer", "securities", "other"]


class Rates(Said):
    """In micro-units of the currency: 14000 is 0.014. What is left out is Twilio's list
    price.
    """

    currency: str = "USD"
    per_minute: int = 14000
    machine_detection: int = 7500
    recording_per_minute: int = 2500
    line_type_lookup: int = 8000
    reassigned_lookup: int = 20000
    text_segment: int = 8300


class AccountPatch(Said):
    """The fields to change; the others stay. A plan sets both caps."""

    name: str = ""
    plan: Plan | None = None
    max_concurrent: int = 1
    calls_per_minute: int = 1
    rates: Rates | None = None
    spend_limit: int | None = None
    redial_unknown: bool = False
    hung_up_early_seconds: int = 2
    sector: Sector | None = None
    extensions: ExtensionUse = "refuse"


class DialingPauseView(Answer):
    """The carrier refuses the account's requests, and nobody is dialed but one call that
    tries.
    """

    since: datetime
    cause: str
    next_probe_at: datetime | None
    vain_probes: int


class AccountView(Answer):
    """The account of the key."""

    account_id: str
    name: str
    plan: Plan | str | None
    max_concurrent: int
    calls_per_minute: int
    rates: dict[str, Any]
    spend_limit: int | None
    spent: int
    redial_unknown: bool
    hung_up_early_seconds: int
    dialing_pause: DialingPauseView | None
    extensions: ExtensionUse | str
    sector: Sector | str | None
    waivers: list[WaiverView]


class CarrierAccountView(Answer):
    """An account at the carrier."""

    carrier_account_id: str
    name: str
    account_sid: str
    region: str | None
    edge: str | None
    caller_ids: list[str]
    token_time: datetime
    former_token_ends_time: datetime | None
    is_default: bool
    disabled_time: datetime | None
    created_time: datetime
    updated_time: datetime


class CarrierAccountList(Answer):
    """`total` counts all of the account."""

    carrier_accounts: list[CarrierAccountView]
    total: int


class CarrierAccountPatch(Said):
    """The fields that are named change."""

    name: str = ""
    region: str | None = None
    edge: str | None = None
    caller_ids: list[str] = Field(default_factory=list)
    is_default: bool = False


class CarrierAccountRequest(Said):
    """An account at Twilio, and the numbers that are dialed from by it."""

    name: str
    account_sid: str
    auth_token: str
    region: str | None = None
    edge: str | None = None
    caller_ids: list[str] = Field(default_factory=list)


class OwnKeyView(Answer):
    """The key with which the request came. `scopes`: what it may do; `calls:*` is
    `calls:read` and `calls:write`, `*` is all.
    """

    name: str
    prefix: str
    scopes: list[str]
    created_time: datetime


class TokenRequest(Said):
    """The next token."""

    auth_token: str
    overlap: timedelta | str = "PT24H"
