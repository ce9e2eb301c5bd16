"""What is said and answered of `suppressions`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime
from typing import Literal

from trunkline_client.models.base import Answer, Said
from trunkline_client.models.shared import (
    ColumnReason,
    ConsentTier,
    ConsentView,
    OtherColumnView,
    ScopeKind,
    SuppressionView,
    TitleRow,
)

Review = Literal["pending", "opted_out", "dismissed"]


class BadRow(Answer):
    row: int
    code: str
    message: str


class ConsentList(Answer):
    consents: list[ConsentView]
    total: int


class ConsentRequest(Said):
    endpoint: str
    tier: ConsentTier
    method: str
    scope: ScopeKind = "all"
    scope_id: str | None = None
    evidence: str | None = None
    granted_time: datetime | str | None = None
    expires_time: datetime | str | None = None


class Imported(Answer):
    """What became of the rows of a file; at most 100 errors are shown."""

    accepted: int
    rejected: int
    reasons: dict[str, int]
    errors: list[BadRow]
    phone_column: str | None = None
    phone_column_reason: ColumnReason | str | None = None
    other_columns: list[OtherColumnView] | None = None
    header: list[str] | None = None
    header_row: int | None = None
    title_rows: list[TitleRow] | None = None


class RegistryImported(Answer):
    """A registry after an import."""

    accepted: int
    rejected: int
    reasons: dict[str, int]
    errors: list[BadRow]
    registry: str
    scrubbed_time: datetime
    imported_time: datetime
    entries: int
    phone_column: str | None = None
    phone_column_reason: ColumnReason | str | None = None
    other_columns: list[OtherColumnView] | None = None
    header: list[str] | None = None
    header_row: int | None = None
    title_rows: list[TitleRow] | None = None


class RegistryView(Answer):
    """A registry as the account has it; `scrubbedTime` is how old its data are."""

    registry: str
    scrubbed_time: datetime
    imported_time: datetime
    entries: int


class RegistryList(Answer):
    registries: list[RegistryView]


class ReviewView(Answer):
    """`text` null: it was read, and is not kept. `holds`: nobody dials the number
    meanwhile.
    """

    review_id: str
    endpoint: str
    text: str | None
    received_time: datetime
    holds: bool
    state: Review | str


class ReviewList(Answer):
    reviews: list[ReviewView]
    total: int


class ReviewRequest(Said):
    decision: str


class RevocationRequest(Said):
    """`all`: the person does not want to be called at all, and is put on the do-not-call
    list.
    """

    method: str
    reason: str | None = None
    scope: str = "this"


class SuppressionAdded(Answer):
    """The entry, and the waiting calls that it ends."""

    suppression_id: str
    endpoint: str | None
    scope: ScopeKind | str
    scope_id: str | None
    source: str
    reason: str | None
    call_id: str | None
    created_time: datetime
    expires_time: datetime | None
    removed_time: datetime | None
    removed_by: str | None
    stopped_calls: list[str]
    of_person: bool | None = None


class SuppressionList(Answer):
    suppressions: list[SuppressionView]
    total: int


class SuppressionRequest(Said):
    endpoint: str
    scope: ScopeKind = "all"
    scope_id: str | None = None
    reason: str | None = None
    expires_time: datetime | str | None = None
    of_person: bool = False


class SuppressionsImported(Answer):
    """The do-not-call list after an import."""

    accepted: int
    rejected: int
    reasons: dict[str, int]
    errors: list[BadRow]
    added: int
    phone_column: str | None = None
    phone_column_reason: ColumnReason | str | None = None
    other_columns: list[OtherColumnView] | None = None
    header: list[str] | None = None
    header_row: int | None = None
    title_rows: list[TitleRow] | None = None
