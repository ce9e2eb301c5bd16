"""The tables of transfers. Import them from `storage.tables`, like all others."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from policy.model.call import EndpointKind
from policy.transfers.targets import MissReason, TransferSource, TransferState
from storage.tables.columns import enum_column, id_column, json_column, partial_index, time_column

JsonObject = dict[str, Any]
#: Transfers of which something is still to be heard, as their partial index says it.
IS_OPEN = text(
    "(transfer.state = 'asked' OR transfer.state = 'dialing' OR transfer.state = 'connected')"
)


class TransferTarget(SQLModel, table=True):
    """Somebody to whom callees are put through, by a name that pathways use.

    Of those that are not deleted an account has one of a name. `whisper`: what is said to whoever
    answers, before the callee is there. `needs_key`: they take the call with a key, so that no
    mailbox does. `warm`: the callee stays with us until they have taken it; meanwhile they hear
    `hold_text` and `hold_music` (an address), and both are told the `introduction`.
    """

    __tablename__ = "transfer_target"
    __table_args__ = (
        partial_index(
            "ix_transfer_target_name", "account_id", "name", where="deleted_time IS NULL"
        ),
    )

    target_id: str = id_column()
    account_id: str = Field(foreign_key="account.account_id")
    name: str
    endpoint: str
    endpoint_kind: EndpointKind = enum_column(EndpointKind, default=EndpointKind.PHONE)
    timezone: str = "UTC"
    #: None: always open.
    hours_spec: JsonObject | None = json_column(nullable=True)
    ring_seconds: int = 20
    whisper: str | None = None
    needs_key: bool = False
    warm: bool = False
    introduction: str | None = None
    hold_text: str | None = None
    hold_music: str | None = None
    created_time: datetime = time_column()
    updated_time: datetime = time_column()
    deleted_time: datetime | None = time_column(nullable=True)


class Transfer(SQLModel, table=True):
    """One callee put through, or not. `place`: where in its leg it was asked for, once each.

    `was_asked`: the callee, or the AI that spoke to them, wanted it. Who was called for it alone
    and found nobody in time was `abandoned`; None: it is not known yet, or does not count.

    Of a warm one the row is the ledger of the target's leg: `sending_at` is written before the one
    request that creates it, and what has that and no `leg_sid` is of unknown fate.
    """

    __table_args__ = (
        UniqueConstraint("attempt_id", "place"),
        Index("ix_transfer_call", "call_id"),
        Index("ix_transfer_account", "account_id", "asked_at"),
        # Who was put through unasked: abandoned calls are counted over them.
        partial_index(
            "ix_transfer_unasked",
            "campaign_id",
            "asked_at",
            where="abandoned IS NOT NULL AND campaign_id IS NOT NULL",
        ),
        partial_index("ix_transfer_leg", "leg_sid", where="leg_sid IS NOT NULL"),
        # Those of which something is still to be heard.
        partial_index(
            "ix_transfer_open",
            "asked_at",
            where="state = 'asked' OR state = 'dialing' OR state = 'connected'",
        ),
    )

    transfer_id: str = id_column()
    account_id: str
    call_id: str = Field(foreign_key="call.call_id")
    campaign_id: str | None = None
    attempt_id: str = Field(foreign_key="attempt.attempt_id")
    attempt_number: int
    place: str
    node: str
    target_name: str
    target_id: str | None = None
    source: TransferSource = enum_column(TransferSource, default=TransferSource.PATHWAY)
    state: TransferState = enum_column(TransferState, default=TransferState.ASKED)
    reason: MissReason | None = enum_column(MissReason, nullable=True)
    was_asked: bool = False
    abandoned: bool | None = None
    #: Connected within two seconds; None: not connected.
    was_prompt: bool | None = None
    #: Where the callee most likely is, as the attempt has it.
    jurisdiction: str | None = None
    #: What the AI agent wants whoever answers to be told.
    whisper: str | None = None
    #: The target's own leg at the carrier.
    leg_sid: str | None = None
    duration_seconds: int | None = None
    #: In micro-units of the account's currency, reckoned; also part of the attempt's.
    cost: int | None = Field(default=None, sa_type=BigInteger)
    asked_at: datetime = time_column()
    #: Since when the callee waits for somebody to be there.
    waiting_since: datetime | None = time_column(nullable=True)
    #: The leg to the target is ours, not one that the carrier dials for the callee's.
    is_warm: bool = False
    sending_at: datetime | None = time_column(nullable=True)
    answered_at: datetime | None = time_column(nullable=True)
    #: Of a warm one: whoever answered took the call; the callee was sent to them; the callee was
    #: told how it goes on without them, or after them.
    taken_at: datetime | None = time_column(nullable=True)
    joined_at: datetime | None = time_column(nullable=True)
    returned_at: datetime | None = time_column(nullable=True)
    connected_at: datetime | None = time_column(nullable=True)
    ended_at: datetime | None = time_column(nullable=True)
