"""The people of an account, as they are asked for and shown."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from api.http.schema import JsonObject, Name, Request, View
from policy.accounts.roles import Role

#: As browsers check it, in ASCII.
EMAIL = (
    r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?){1,3}$"
)
Email = Annotated[
    str,
    StringConstraints(min_length=3, max_length=254, pattern=EMAIL),
    Field(examples=["ada@example.com"]),
]
_PERSON: JsonObject = {
    "memberId": "5b0f6a0e-9d0c-4d5f-8a53-0f6f1f1f7a11",
    "email": "ada@example.com",
    "name": "Ada Novak",
    "role": "operator",
    "status": "active",
    "signsInBy": ["password"],
    "createdBy": "key bootstrap",
    "createdTime": "2027-03-01T09:00:00Z",
    "joinedTime": "2027-03-01T09:20:00Z",
    "disabledTime": None,
    "lastSeenTime": "2027-03-01T11:05:00Z",
    "linkEndsTime": None,
}
_INVITED: JsonObject = {
    **_PERSON,
    "status": "invited",
    "signsInBy": [],
    "joinedTime": None,
    "lastSeenTime": None,
    "linkEndsTime": "2027-03-08T09:00:00Z",
    "link": "https://calls.example.com/dashboard/sign-in/link/…, shown this once",
}


class MemberStatus(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class Invitation(Request):
    """Somebody who is to work in the account. Nobody gives a role that may do more than they."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "ada@example.com", "role": "operator"}]}
    )

    email: Email
    role: Role = Field(description="What they may do.")
    name: Name | None = Field(
        default=None, description="How they are called. They may say so themselves."
    )


class MemberPatch(Request):
    """The fields that are named change."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "viewer"}]})

    name: Name = ""
    role: Role = Role.VIEWER


class MemberView(View):
    """Somebody who works in the account."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PERSON]})

    member_id: str
    email: str
    name: str
    role: Role
    status: MemberStatus
    signs_in_by: list[str] = Field(
        description="`password`, `single_sign_on`, or both, as single sign-on is set now."
    )
    created_by: str
    created_time: datetime
    joined_time: datetime | None
    disabled_time: datetime | None
    last_seen_time: datetime | None = Field(description="To within five minutes.")
    link_ends_time: datetime | None = Field(
        description="Until when the link works with which they choose a password."
    )


class MemberMade(MemberView):
    """The same with a link for them, which works once and which nobody can show again."""

    model_config = ConfigDict(json_schema_extra={"examples": [_INVITED]})

    link: str


class MemberList(View):
    """`total` counts all of them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"people": [_PERSON], "total": 1}]})

    people: list[MemberView]
    total: int


class OwnAccount(View):
    account_id: str
    name: str


class Me(View):
    """Whoever asks. `role`: of a person, or of a key that was given one for its scopes."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "key",
                    "id": "0f8a1c52-6f0e-4a38-9a5b-3d0b8f6f1a77",
                    "name": "nightly import",
                    "role": "operator",
                    "scopes": ["operator"],
                    "account": {
                        "accountId": "7f0a3a0e-2f0b-4a6e-9a0e-6b7f0f9f2a10",
                        "name": "default",
                    },
                }
            ]
        }
    )

    kind: str = Field(description="`key` or `person`.")
    id: str
    name: str
    role: Role | None
    scopes: list[str]
    account: OwnAccount
