"""Accounts at the carrier as they are sent and shown. No token is ever shown."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, SecretStr, StringConstraints

from api.http.schema import Duration, EndpointText, JsonObject, Name, Request, View, YesNo

Sid = Annotated[
    str, StringConstraints(pattern=r"^AC[0-9a-f]{32}$"), Field(examples=["AC" + "0" * 31 + "2"])
]
#: Each becomes a part of the name of Twilio's host, and nothing but one.
Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}[0-9]$"), Field(examples=["ie1"])]
Edge = Annotated[
    str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)?$", max_length=30), Field(examples=["dublin"])
]
Token = Annotated[
    SecretStr,
    Field(
        min_length=16,
        max_length=200,
        description="Its auth token. Kept sealed, and never shown again.",
        json_schema_extra={"pattern": r"^[\x21-\x7e]{16,200}$"},
    ),
]
CallerIds = Annotated[
    list[EndpointText],
    Field(max_length=1000, description="The numbers that are dialed from by this account."),
]
_EXAMPLE: JsonObject = {
    "name": "Ireland",
    "accountSid": "AC" + "0" * 31 + "2",
    "authToken": "an-auth-token-of-twilio",
    "region": "ie1",
    "edge": "dublin",
    "callerIds": ["+12025550155"],
}
_SHOWN: JsonObject = {
    "carrierAccountId": "1d4b7a52-3c1e-4a53-9a0e-5a2f4f6f9a22",
    **{name: value for name, value in _EXAMPLE.items() if name != "authToken"},
    "tokenTime": "2026-07-01T14:00:00Z",
    "formerTokenEndsTime": None,
    "isDefault": False,
    "disabledTime": None,
    "createdTime": "2026-07-01T14:00:00Z",
    "updatedTime": "2026-07-01T14:00:00Z",
}


class CarrierAccountRequest(Request):
    """An account at Twilio, and the numbers that are dialed from by it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    name: Name
    account_sid: Sid
    auth_token: Token
    region: Region | None = Field(default=None, description="None: Twilio's own, us1.")
    edge: Edge | None = Field(default=None, description="Where Twilio is reached; with a region.")
    caller_ids: CallerIds = Field(default_factory=list)


class CarrierAccountPatch(Request):
    """The fields that are named change."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"callerIds": ["+12025550155"]}]})

    name: Name = ""
    region: Region | None = None
    edge: Edge | None = None
    caller_ids: CallerIds = Field(default_factory=list)
    is_default: YesNo = Field(
        default=False,
        description="Dial from all numbers by it that no other has. One at most: it takes the "
        "place of the one before. Where none is, the installation's own account dials from them.",
    )


class TokenRequest(Request):
    """The next token."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"authToken": "the-next-token-of-twilio"}]}
    )

    auth_token: Token
    overlap: Duration = Field(
        default="PT24H",
        description="How long callbacks that are signed with the former token are taken as well.",
    )


class CarrierAccountView(View):
    """An account at the carrier.

    Requests go out with the token of `tokenTime`; callbacks may be signed with it, and until
    `formerTokenEndsTime` with the one before. Since `disabledTime` it dials nobody.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_SHOWN]})

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


class CarrierAccountList(View):
    """`total` counts all of the account."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"carrierAccounts": [_SHOWN], "total": 1}]}
    )

    carrier_accounts: list[CarrierAccountView]
    total: int
