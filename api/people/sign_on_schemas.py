"""The provider of single sign-on, as it is asked for and shown. No secret is ever shown."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, SecretStr, StringConstraints

from api.http.schema import JsonObject, Request, View, YesNo
from policy.accounts.roles import Role

_REST_OF_ISSUER = r"://[A-Za-z0-9.-]{1,255}(:[1-9][0-9]{0,4})?(/[A-Za-z0-9._~-]{1,64}){0,4}/?$"
#: Plain http is for where the operator has allowed it, which the document need not know.
Issuer = Annotated[
    str,
    StringConstraints(min_length=9, max_length=500, pattern=f"^https?{_REST_OF_ISSUER}"),
    Field(
        examples=["https://login.example.com/blue-clinic"],
        json_schema_extra={"pattern": f"^https{_REST_OF_ISSUER}"},
    ),
]
ClientId = Annotated[
    str, StringConstraints(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]{1,255}$")
]
ClientSecret = Annotated[
    SecretStr,
    Field(min_length=1, max_length=500, json_schema_extra={"pattern": r"^[\x21-\x7e]{1,500}$"}),
]
Domain = Annotated[
    str,
    StringConstraints(
        min_length=3,
        max_length=190,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,61}(\.[A-Za-z0-9][A-Za-z0-9-]{0,61}){1,2}$",
    ),
]
_SAID: JsonObject = {
    "issuer": "https://login.example.com/blue-clinic",
    "clientId": "trunkline",
    "domain": "example.com",
    "domainRole": "viewer",
    "isRequired": False,
}
_SHOWN: JsonObject = {
    "signOnId": "2c6e7c3e-3b9b-4f0a-8b2f-6a1a0e0d9c55",
    **_SAID,
    "hasSecret": True,
    "redirectUri": "https://calls.example.com/dashboard/sign-in/callback",
    "signInUrl": "https://calls.example.com/dashboard/sign-in/with/2c6e7c3e-3b9b-4f0a-8b2f-6a1a0e0d9c55",
    "createdTime": "2027-03-01T09:00:00Z",
    "updatedTime": "2027-03-01T09:00:00Z",
}


class SignOnRequest(Request):
    """A provider that speaks OpenID Connect, and who we are to it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_SAID, "clientSecret": "a-secret-of-the-provider"}]}
    )

    issuer: Issuer = Field(description="Exactly as the provider's own configuration says it.")
    client_id: ClientId
    client_secret: ClientSecret | None = Field(
        default=None,
        description="Kept sealed. Left out: the one that is kept, if issuer and client stay. "
        "Null: none, as of a public client.",
    )
    domain: Domain | None = Field(
        default=None,
        description="Whoever has an address in it may join without an invitation. Null: only "
        "those who are invited.",
    )
    domain_role: Role = Field(default=Role.VIEWER, description="What those may do.")
    is_required: YesNo = Field(
        default=False, description="Passwords open nothing any more. Keys still do."
    )


class SignOnView(View):
    """How people sign in by their provider. `redirectUri` is what it has to be told of us."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SHOWN]})

    sign_on_id: str
    issuer: str
    client_id: str
    has_secret: bool
    domain: str | None
    domain_role: Role
    is_required: bool
    redirect_uri: str
    sign_in_url: str = Field(description="Where the account's people begin.")
    created_time: datetime
    updated_time: datetime
