"""The tables. One class a table; every row that belongs to somebody carries its account.

Whoever holds a row may import it; it knows `policy` only. Instants are aware UTC datetimes. Columns
named `*_spec` hold the request's own JSON (camelCase, already validated); `storage.tables.specs`
turns them into policy values.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, false
from sqlmodel import Field, SQLModel

from policy.model.call import ExtensionUse
from policy.model.purposes import Purpose, Sector, Voice
from policy.time.best_times import BestTimePreset
from storage.tables.analytics import DAY_SUMS as DAY_SUMS
from storage.tables.analytics import QUARTER_SUMS as QUARTER_SUMS
from storage.tables.analytics import WEEK_SUMS as WEEK_SUMS
from storage.tables.analytics import Counted as Counted
from storage.tables.analytics import CountingPlace as CountingPlace
from storage.tables.analytics import Recount as Recount
from storage.tables.analytics import Series as Series
from storage.tables.caller_ids import ListedNumber as ListedNumber
from storage.tables.caller_ids import NumberList as NumberList
from storage.tables.caller_ids import NumberWatchRow as NumberWatchRow
from storage.tables.calls import Attempt as Attempt
from storage.tables.calls import Call as Call
from storage.tables.calls import CallNumber as CallNumber
from storage.tables.calls import CallSequence as CallSequence
from storage.tables.calls import DecisionRow as DecisionRow
from storage.tables.calls import RecordingRemoval as RecordingRemoval
from storage.tables.campaigns import CallVariant as CallVariant
from storage.tables.campaigns import Campaign as Campaign
from storage.tables.campaigns import Contact as Contact
from storage.tables.campaigns import ContactNumber as ContactNumber
from storage.tables.campaigns import FollowUp as FollowUp
from storage.tables.campaigns import GoalQuota as GoalQuota
from storage.tables.campaigns import OutgoingText as OutgoingText
from storage.tables.carriers import CarrierAccount as CarrierAccount
from storage.tables.clearances import CheckedNumber as CheckedNumber
from storage.tables.clearances import CheckRequest as CheckRequest
from storage.tables.clearances import LastWordRow as LastWordRow
from storage.tables.columns import enum_column, id_column, json_column, time_column
from storage.tables.compliance import Consent as Consent
from storage.tables.compliance import Erasure as Erasure
from storage.tables.compliance import HashKey as HashKey
from storage.tables.compliance import Inbound as Inbound
from storage.tables.compliance import Overlay as Overlay
from storage.tables.compliance import Registry as Registry
from storage.tables.compliance import RegistryEntry as RegistryEntry
from storage.tables.compliance import Suppression as Suppression
from storage.tables.dispatch import CallTally as CallTally
from storage.tables.dispatch import DispatchDeficit as DispatchDeficit
from storage.tables.dispatch import Lease as Lease
from storage.tables.dispatch import LoopLease as LoopLease
from storage.tables.dispatch import Spending as Spending
from storage.tables.dispatch import Worker as Worker
from storage.tables.events import Delivery as Delivery
from storage.tables.events import Event as Event
from storage.tables.events import Webhook as Webhook
from storage.tables.people import AuditEntry as AuditEntry
from storage.tables.people import EndedSession as EndedSession
from storage.tables.people import Member as Member
from storage.tables.people import SingleSignOn as SingleSignOn
from storage.tables.promises import Promise as Promise
from storage.tables.transfers import Transfer as Transfer
from storage.tables.transfers import TransferTarget as TransferTarget
from storage.tables.types import Json, Serial, UtcDateTime

JsonObject = dict[str, Any]


class Account(SQLModel, table=True):
    """A tenant.

    `waivers`: [{"rule", "purposes"?, "reason", "by", "at", "simulatedOnly"?}], recorded and never
    implied; see `storage.compliance.waivers`.
    """

    account_id: str = id_column()
    name: str
    #: The plan the caps were taken from; see `policy.accounts.plans`. None: caps of its own.
    plan: str | None = None
    max_concurrent: int = 100
    calls_per_minute: int = 600
    redial_unknown: bool = False
    #: Who hangs up within so many seconds of the answer has heard nothing; 0: it is not told apart.
    hung_up_early_seconds: int = 2
    #: What becomes of numbers with an extension.
    extensions: ExtensionUse = enum_column(ExtensionUse, default=ExtensionUse.REFUSE)
    #: In micro-units of the account's currency; None: no limit.
    spend_limit: int | None = Field(default=None, sa_type=BigInteger)
    #: What a minute and a call are reckoned at until the carrier says: `policy.accounts.pricing`.
    rates: JsonObject = json_column()
    waivers: list[JsonObject] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    #: See `storage.compliance.acknowledgements`.
    acknowledgements: list[JsonObject] = Field(
        default_factory=list, sa_column=Column(Json, nullable=False, server_default="[]")
    )
    #: None: it has not said, so the rules of every sector hold.
    sector: Sector | None = enum_column(Sector, nullable=True)
    #: Another number after each change of its overlays, so that whoever keeps them notices.
    overlays_version: int = 0
    #: The same of its accounts at the carrier.
    carriers_version: int = 0
    #: Since when the carrier refuses the account's requests, and why: see
    #: `storage.dispatch.dialing_pause`. Not before `probe_at` does the next call try.
    paused_since: datetime | None = time_column(nullable=True)
    pause_cause: str | None = None
    probe_at: datetime | None = time_column(nullable=True)
    #: The call that tries now, or that tried last.
    probe_call_id: str | None = None
    vain_probes: int = 0
    created_time: datetime = time_column()


class ApiKey(SQLModel, table=True):
    """Only the SHA-256 of a key is kept; `prefix` is what people recognise it by.

    `used_time` is some minutes behind: see `storage.accounts.keys`.
    """

    __tablename__ = "api_key"
    api_key_id: str = id_column()
    account_id: str = Field(foreign_key="account.account_id", index=True)
    name: str = ""
    prefix: str
    sha256: str = Field(unique=True, max_length=64)
    scopes: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    #: The one that `TRUNKLINE_BOOTSTRAP_API_KEY` names, or named.
    is_bootstrap: bool = False
    #: Who made it, as `api.http.actor` calls them.
    created_by: str = ""
    #: The key that was made to take its place.
    replaced_by: str | None = None
    #: Whose sessions it stands for; no text opens it then. None: a key as others are.
    member_id: str | None = Field(default=None, unique=True, index=True, max_length=36)
    created_time: datetime = time_column()
    expires_time: datetime | None = time_column(nullable=True)
    used_time: datetime | None = time_column(nullable=True)
    revoked_time: datetime | None = time_column(nullable=True)


class Pathway(SQLModel, table=True):
    pathway_id: str = id_column()
    account_id: str = Field(foreign_key="account.account_id", index=True)
    name: str
    kind: str
    definition: JsonObject = json_column()
    #: It puts callees through who have pressed and said nothing: its campaigns are watched for
    #: abandoned calls.
    hands_over: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=false())
    )
    created_time: datetime = time_column()
    updated_time: datetime = time_column()
    deleted_time: datetime | None = time_column(nullable=True)


class Agent(SQLModel, table=True):
    """Who calls: caller IDs, hours, defaults and caps. None as a cap means the account's."""

    agent_id: str = id_column()
    account_id: str = Field(foreign_key="account.account_id", index=True)
    name: str
    is_enabled: bool = True
    timezone: str = "UTC"
    business_hours_spec: JsonObject | None = json_column(nullable=True)
    caller_ids: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    #: Those that are not shown now, or only to some: `policy.caller_ids.pool`. None: all are.
    caller_id_marks: JsonObject | None = json_column(nullable=True)
    #: Whether numbers that people have begun to let ring are rested.
    heals_caller_ids: bool = False
    #: Which times of the week are tried first, until its own answers say better. None: any.
    best_times: BestTimePreset | None = enum_column(BestTimePreset, nullable=True)
    #: Why it calls, as phones show it where the carrier and the phone can. None: not said.
    call_reason: str | None = None
    pathway_id: str | None = None
    retry_spec: JsonObject | None = json_column(nullable=True)
    voicemail_spec: JsonObject | None = json_column(nullable=True)
    ring_timeout: int = 30
    max_duration: int = 1800
    max_concurrent: int | None = None
    calls_per_minute: int | None = None
    purpose: Purpose | None = enum_column(Purpose, nullable=True)
    voice: Voice = enum_column(Voice, default=Voice.ARTIFICIAL)
    #: Who calls, as people are told: {"name", "callbackNumber"?, "words"?}.
    identity_spec: JsonObject | None = json_column(nullable=True)
    #: In place of the account's; None: that.
    hung_up_early_seconds: int | None = None
    #: What happens when somebody calls a caller ID: {"waitingCall", "say"?, "transferTo"?}.
    inbound_spec: JsonObject | None = json_column(nullable=True)
    recording: bool = False
    #: What must be known of a number when it is dialed: see `specs.requirements`. None: nothing.
    clearance_spec: list[JsonObject] | None = Field(
        default=None, sa_column=Column(Json, nullable=True)
    )
    #: Whom to ask before each dial: {"url", "timeoutSeconds"?, "tries"?}, and what signs that.
    last_word_spec: JsonObject | None = json_column(nullable=True)
    last_word_secret: str | None = None
    created_time: datetime = time_column()
    updated_time: datetime = time_column()
    deleted_time: datetime | None = time_column(nullable=True)


class WriteProbe(SQLModel, table=True):
    """Written to by `Database.probe`, to see that something can be."""

    __tablename__ = "write_probe"
    probe_id: int | None = Field(default=None, sa_column=Column(Serial, primary_key=True))
    filler: str


class IdempotencyKey(SQLModel, table=True):
    """The answer given to a request, kept 24 h under the client's key."""

    __tablename__ = "idempotency_key"
    account_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True, max_length=255)
    body_sha256: str
    status_code: int
    response: JsonObject = json_column()
    headers: JsonObject = json_column()
    created_time: datetime = Field(
        default=None, sa_column=Column(UtcDateTime(), nullable=False, index=True)
    )
