"""Do-not-call entries, registries and consents, as clients say and see them."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from api.files.schemas import BadRow, FileView
from api.http.schema import (
    NOT_BLANK,
    EndpointText,
    Identifier,
    JsonObject,
    Moment,
    Request,
    View,
    YesNo,
)
from policy.model.person import ScopeKind
from policy.model.purposes import ConsentTier
from storage.tables import Consent, Registry, Suppression

Short = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NOT_BLANK)]
Long = Annotated[str, StringConstraints(max_length=2000)]
_ID = "9c1f5a2e-53c4-4a0f-b1b5-8f6f2f0b7a10"


#: `scopeId` goes with the scopes that are about one thing, and with no other.
_NAMES_ONE: JsonObject = {
    "if": {
        "required": ["scope"],
        "properties": {"scope": {"enum": [one for one in ScopeKind if one is not ScopeKind.ALL]}},
    },
    "then": {"required": ["scopeId"], "properties": {"scopeId": {"type": "string"}}},
    "else": {"properties": {"scopeId": {"type": "null"}}},
}


class Scoped(Request):
    """Which calls it is about: all, or those of one agent, campaign or purpose."""

    scope: ScopeKind = ScopeKind.ALL
    scope_id: Identifier | None = Field(
        default=None, description="The agent, the campaign or the purpose."
    )

    @model_validator(mode="after")
    def _names_one(self) -> "Scoped":
        if (self.scope is ScopeKind.ALL) != (self.scope_id is None):
            raise ValueError("scopeId goes with the scopes agent, campaign and purpose")
        return self


class SuppressionRequest(Scoped):
    model_config = ConfigDict(
        json_schema_extra={
            **_NAMES_ONE,
            "examples": [{"endpoint": "+12025550123", "reason": "asked by mail"}],
        }
    )

    endpoint: EndpointText
    reason: Long | None = None
    expires_time: Moment | None = None
    of_person: YesNo = Field(
        default=False,
        description="Of the person: calls that list this number are not made by any other, either.",
    )


_SUPPRESSION: JsonObject = {
    "suppressionId": _ID,
    "endpoint": "+12025550123",
    "scope": "all",
    "scopeId": None,
    "source": "api",
    "reason": "asked by mail",
    "ofPerson": False,
    "callId": None,
    "createdTime": "2027-02-27T20:11:09Z",
    "expiresTime": None,
    "removedTime": None,
    "removedBy": None,
}


class SuppressionView(View):
    """`endpoint` null: the person was erased, and only a keyed hash is kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SUPPRESSION]})

    suppression_id: str
    endpoint: str | None
    scope: ScopeKind
    scope_id: str | None
    source: str
    reason: str | None
    of_person: bool = False
    call_id: str | None
    created_time: datetime
    expires_time: datetime | None
    removed_time: datetime | None
    removed_by: str | None


class SuppressionAdded(SuppressionView):
    """The entry, and the waiting calls that it ends."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_SUPPRESSION, "stoppedCalls": [_ID]}]}
    )

    stopped_calls: list[str]


class SuppressionList(View):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"suppressions": [_SUPPRESSION], "total": 1}]}
    )

    suppressions: list[SuppressionView]
    total: int


_REGISTRY: JsonObject = {
    "registry": "us.national_dnc",
    "scrubbedTime": "2027-02-20T00:00:00Z",
    "importedTime": "2027-02-21T09:00:00Z",
    "entries": 81234,
}
_IMPORTED: JsonObject = {
    "accepted": 1,
    "rejected": 0,
    "reasons": {},
    "errors": [],
    "phoneColumn": "phone",
    "phoneColumnReason": "name",
    "header": ["name", "phone"],
    "headerRow": 1,
    "titleRows": [],
}


class RegistryView(View):
    """A registry as the account has it; `scrubbedTime` is how old its data are."""

    registry: str
    scrubbed_time: datetime
    imported_time: datetime
    entries: int


class RegistryList(View):
    model_config = ConfigDict(json_schema_extra={"examples": [{"registries": [_REGISTRY]}]})

    registries: list[RegistryView]


class Imported(FileView):
    """What became of the rows of a file; at most 100 errors are shown."""

    model_config = ConfigDict(json_schema_extra={"examples": [_IMPORTED]})

    accepted: int
    rejected: int
    reasons: dict[str, int] = Field(description="How many were rejected, by the code of the error.")
    errors: list[BadRow]


class SuppressionsImported(Imported):
    """The do-not-call list after an import."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_IMPORTED, "added": 1}]})

    added: int = Field(description="How many numbers were not on the list before.")


class RegistryImported(RegistryView, Imported):
    """A registry after an import."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_REGISTRY, **_IMPORTED}]})


class ConsentRequest(Scoped):
    model_config = ConfigDict(
        json_schema_extra={
            **_NAMES_ONE,
            "examples": [
                {
                    "endpoint": "+12025550123",
                    "tier": "written",
                    "method": "web form",
                    "evidence": "form 1017, version 3",
                    "grantedTime": "2027-02-01T10:00:00Z",
                }
            ],
        }
    )

    endpoint: EndpointText
    tier: ConsentTier
    method: Short
    evidence: Long | None = None
    granted_time: Moment | None = Field(default=None, description="Default: now.")
    expires_time: Moment | None = None


class RevocationRequest(Request):
    """`all`: the person does not want to be called at all, and is put on the do-not-call list."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"method": "said so in a call", "scope": "all"}]}
    )

    method: Short
    reason: Long | None = None
    scope: Annotated[str, Field(pattern="^(this|all)$")] = "this"


_CONSENT: JsonObject = {
    "consentId": _ID,
    "endpoint": "+12025550123",
    "tier": "written",
    "method": "web form",
    "evidence": "form 1017, version 3",
    "scope": "all",
    "scopeId": None,
    "createdTime": "2027-02-27T20:11:09Z",
    "grantedTime": "2027-02-01T10:00:00Z",
    "expiresTime": None,
    "revokedTime": None,
    "revocation": None,
}


class ConsentView(View):
    model_config = ConfigDict(json_schema_extra={"examples": [_CONSENT]})

    consent_id: str
    endpoint: str
    tier: ConsentTier
    method: str
    evidence: str | None
    scope: ScopeKind
    scope_id: str | None
    created_time: datetime
    granted_time: datetime
    expires_time: datetime | None
    revoked_time: datetime | None
    revocation: JsonObject | None


class ConsentList(View):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"consents": [_CONSENT], "total": 1}]}
    )

    consents: list[ConsentView]
    total: int


def suppression_view(row: Suppression) -> SuppressionView:
    """The row as the API shows it."""
    return SuppressionView(**_suppression(row))


def suppression_added(row: Suppression, stopped: list[str]) -> SuppressionAdded:
    return SuppressionAdded(**_suppression(row), stopped_calls=stopped)


def _suppression(row: Suppression) -> JsonObject:
    names = SuppressionView.model_fields.keys() - {"scope_id"}
    return {**{name: getattr(row, name) for name in names}, "scope_id": row.scope_of or None}


def consent_view(row: Consent) -> ConsentView:
    """The row as the API shows it."""
    names = ConsentView.model_fields.keys() - {"scope_id"}
    shown = {name: getattr(row, name) for name in names}
    return ConsentView(**shown, scope_id=row.scope_of or None)


def registry_view(row: Registry) -> RegistryView:
    """The row as the API shows it."""
    names = RegistryView.model_fields.keys() - {"registry"}
    return RegistryView(registry=row.registry_name, **{name: getattr(row, name) for name in names})
