"""What is said and answered of `people`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime
from typing import Literal

from trunkline_client.models.base import Answer, Said

MemberStatus = Literal["invited", "active", "disabled"]

Role = Literal["viewer", "operator", "admin"]


class Invitation(Said):
    """Somebody who is to work in the account. Nobody gives a role that may do more than
    they.
    """

    email: str
    role: Role
    name: str | None = None


class OwnAccount(Answer):
    account_id: str
    name: str


class Me(Answer):
    """Whoever asks. `role`: of a person, or of a key that was given one for its scopes."""

    kind: str
    id: str
    name: str
    role: Role | str | None
    scopes: list[str]
    account: OwnAccount


class MemberView(Answer):
    """Somebody who works in the account."""

    member_id: str
    email: str
    name: str
    role: Role | str
    status: MemberStatus | str
    signs_in_by: list[str]
    created_by: str
    created_time: datetime
    joined_time: datetime | None
    disabled_time: datetime | None
    last_seen_time: datetime | None
    link_ends_time: datetime | None


class MemberList(Answer):
    """`total` counts all of them."""

    people: list[MemberView]
    total: int


class MemberMade(Answer):
    """The same with a link for them, which works once and which nobody can show again."""

    member_id: str
    email: str
    name: str
    role: Role | str
    status: MemberStatus | str
    signs_in_by: list[str]
    created_by: str
    created_time: datetime
    joined_time: datetime | None
    disabled_time: datetime | None
    last_seen_time: datetime | None
    link_ends_time: datetime | None
    link: str


class MemberPatch(Said):
    """The fields that are named change."""

    name: str = ""
    role: Role = "viewer"


class SignOnRequest(Said):
    """A provider that speaks OpenID Connect, and who we are to it."""

    issuer: str
    client_id: str
    client_secret: str | None = None
    domain: str | None = None
    domain_role: Role = "viewer"
    is_required: bool = False


class SignOnView(Answer):
    """How people sign in by their provider. `redirectUri` is what it has to be told of us."""

    sign_on_id: str
    issuer: str
    client_id: str
    has_secret: bool
    domain: str | None
    domain_role: Role | str
    is_required: bool
    redirect_uri: str
    sign_in_url: str
    created_time: datetime
    updated_time: datetime
