"""API keys, as they are asked for and shown. The secret is in the answer that makes it, only."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from api.http.schema import Duration, JsonObject, Moment, Name, Request, View
from policy.accounts.key_scopes import EVERY_SCOPE, is_scope
from storage.tables import ApiKey

_MOST_SCOPES = 50


def _known(text: str) -> str:
    if not is_scope(text):
        raise PydanticCustomError("enum", "Must be a scope such as calls:read, calls:* or *.")
    return text


Scope = Annotated[
    str,
    StringConstraints(min_length=1, max_length=40),
    AfterValidator(_known),
    Field(examples=["calls:write"], json_schema_extra={"enum": sorted(EVERY_SCOPE)}),
]
_KEY: JsonObject = {
    "keyId": "0f8a1c52-6f0e-4a38-9a5b-3d0b8f6f1a77",
    "name": "nightly import",
    "prefix": "tl_Zk3vQ0a",
    "scopes": ["calls:write", "campaigns:*"],
    "createdBy": "key bootstrap",
    "createdTime": "2027-03-01T09:00:00Z",
    "expiresTime": "2027-06-01T00:00:00Z",
    "lastUsedTime": "2027-03-01T09:05:00Z",
    "revokedTime": None,
    "replacedBy": None,
    "isBootstrap": False,
}
_SECRET = {"secret": "tl_Zk3vQ0a…, shown this once"}


class KeyRequest(Request):
    """A key for a program or a person. It cannot have scopes that the asking key lacks."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "nightly import", "scopes": ["calls:write", "campaigns:*"]}]
        }
    )

    name: Name = Field(description="By which people know it again.")
    scopes: list[Scope] = Field(
        min_length=1,
        max_length=_MOST_SCOPES,
        description="What it may do: `noun:read`, `noun:write`, `noun:*` or `*`.",
    )
    expires_time: Moment | None = Field(
        default=None, description="From then on it opens nothing. Null: it does not end by itself."
    )


class KeyRotation(Request):
    """How the old key and its successor live side by side."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap": "PT24H"}]})

    overlap: Duration = Field(default="PT24H", description="How long the old key still works.")
    expires_time: Moment | None = Field(
        default=None,
        description="When the new key ends. Null: it lives as long as the old one was made for.",
    )


class KeyView(View):
    """A key without its secret."""

    model_config = ConfigDict(json_schema_extra={"examples": [_KEY]})

    key_id: str
    name: str
    prefix: str = Field(description="How the secret begins.")
    scopes: list[str]
    created_by: str
    created_time: datetime
    expires_time: datetime | None
    last_used_time: datetime | None = Field(description="To within five minutes.")
    revoked_time: datetime | None
    replaced_by: str | None = Field(description="The key that was made to take its place.")
    is_bootstrap: bool = Field(description="It was set in TRUNKLINE_BOOTSTRAP_API_KEY.")


class KeyMade(KeyView):
    """A key with its secret, which nobody can show again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_KEY, **_SECRET}]})

    secret: str


class KeyList(View):
    model_config = ConfigDict(json_schema_extra={"examples": [{"keys": [_KEY], "total": 1}]})

    keys: list[KeyView]
    total: int


def key_view(row: ApiKey, used: datetime | None) -> KeyView:
    """The row as the API shows it. `used`: when it was used last, as far as is known."""
    same = ("name", "prefix", "scopes", "created_by", "created_time", "expires_time")
    return KeyView(
        **{name: getattr(row, name) for name in same},
        key_id=row.api_key_id,
        last_used_time=used,
        revoked_time=row.revoked_time,
        replaced_by=row.replaced_by,
        is_bootstrap=row.is_bootstrap,
    )


def key_made(row: ApiKey, secret: str) -> KeyMade:
    """A key that was made a moment ago."""
    return KeyMade(**key_view(row, None).model_dump(), secret=secret)
