"""OpenID Connect, as a client speaks it: authorization code with PKCE, state and nonce.

By OpenID Connect Core 1.0 and Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (`iss` in the answer) and
RFC 9700 (best practice). Whatever a provider says is bounded in bytes and time.
"""

import base64
import hashlib
import json
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import jwt

from webhooks.sender import Sender, Unanswered

#: Signed by the provider alone: none of them works with our secret.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
_MOST_BYTES = 256 * 1024
_MOST_PROVIDERS, _MOST_KEYS = 100, 100
#: How long a provider's words hold, how long a failure does, and how soon keys are asked for again
#: when one is missing; in seconds.
_HOLDS, _FAILED_HOLDS, _AGAIN = 600.0, 10.0, 30.0
_LEEWAY = timedelta(seconds=60)
_OLDEST = timedelta(minutes=10)
_JSON = {"Accept": "application/json", "Accept-Encoding": "identity"}
_FORM = {**_JSON, "Content-Type": "application/x-www-form-urlencoded"}
#: In ASCII, as those on file: small letters of some others are the same as of somebody else's.
_EMAIL = re.compile(r"[!-?A-~]{1,64}@[!-?A-~]{1,189}")
_ADDRESS = re.compile(r"https?://[^\s\"'<>]{1,1000}", re.ASCII)


class SignOnFailed(Exception):
    """The provider could not be asked, or what it said is not to be believed.

    `code` names which; nothing of what was said is repeated.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Provider:
    """What a provider says of itself at its well-known address."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_itself: bool
    takes_basic: bool


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to a provider. No secret: a public client."""

    issuer: str
    client_id: str
    secret: str | None
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Secrets:
    """Of one sign-in, known to this browser's cookie and to us."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for: by an address that it has verified, in small letters."""

    issuer: str
    subject: str
    email: str
    name: str


class Providers:
    """Asks providers, and remembers for a while what they say of themselves and which keys sign."""

    def __init__(self, sender: Callable[[], Sender]) -> None:
        self._sender = sender
        self._documents: OrderedDict[str, tuple[float, Mapping[str, Any] | str]] = OrderedDict()

    async def address(self, client: Client, secrets: Secrets) -> str:
        """Where a browser goes to sign in; raises SignOnFailed."""
        provider = await self.provider(client.issuer)
        asked = {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": client.redirect_uri,
            "scope": "openid email profile",
            "state": secrets.state,
            "nonce": secrets.nonce,
            "code_challenge": challenge(secrets.verifier),
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in provider.authorization_endpoint else "?"
        return f"{provider.authorization_endpoint}{joint}{urlencode(asked)}"

    async def identity(
        self, client: Client, secrets: Secrets, code: str, said_issuer: str | None, now: datetime
    ) -> Identity:
        """Who has signed in there, for the code they came back with; raises SignOnFailed."""
        provider = await self.provider(client.issuer)
        if said_issuer != client.issuer and (said_issuer is not None or provider.names_itself):
            raise SignOnFailed("other_issuer")
        token = await self._token(provider, client, secrets, code)
        key = await self._key(provider, _header(token))
        return _identity(_claims(token, key, client), secrets, client, now)

    async def provider(self, issuer: str) -> Provider:
        """What it says of itself; raises SignOnFailed."""
        address = issuer.rstrip("/") + "/.well-known/openid-configuration"
        said = await self._document(address, _HOLDS)
        if said.get("issuer") != issuer:
            raise SignOnFailed("other_issuer", "Its configuration names another issuer.")
        methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return Provider(
            issuer=issuer,
            authorization_endpoint=_address(said, "authorization_endpoint"),
            token_endpoint=_address(said, "token_endpoint"),
            jwks_uri=_address(said, "jwks_uri"),
            names_itself=said.get("authorization_response_iss_parameter_supported") is True,
            takes_basic="client_secret_basic" in methods,
        )

    async def _token(self, provider: Provider, client: Client, secrets: Secrets, code: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.redirect_uri,
            "client_id": client.client_id,
            "code_verifier": secrets.verifier,
        }
        headers = dict(_FORM)
        if client.secret is not None and provider.takes_basic:
            pair = f"{quote(client.client_id, safe='')}:{quote(client.secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        elif client.secret is not None:
            form["client_secret"] = client.secret
        said = await self._ask("POST", provider.token_endpoint, headers, urlencode(form))
        token = said.get("id_token")
        if not isinstance(token, str):
            raise SignOnFailed("no_id_token")
        return token

    async def _key(self, provider: Provider, header: Mapping[str, Any]) -> jwt.PyJWK:
        """The key that the token says it is signed with; one that is new is asked for."""
        for holds in (_HOLDS, _AGAIN):
            said = await self._document(provider.jwks_uri, holds)
            found = _signing_key(said, header)
            if found is not None:
                return found
        raise SignOnFailed("unknown_key")

    async def _document(self, address: str, holds: float) -> Mapping[str, Any]:
        now = time.monotonic()
        at, kept = self._documents.get(address, (float("-inf"), ""))
        if now - at > (_FAILED_HOLDS if isinstance(kept, str) else holds):
            try:
                kept = await self._ask("GET", address, _JSON)
            except SignOnFailed as failed:
                kept = failed.detail
            self._documents[address] = (now, kept)
            self._documents.move_to_end(address)
            while len(self._documents) > 2 * _MOST_PROVIDERS:
                self._documents.popitem(last=False)
        if isinstance(kept, str):
            raise SignOnFailed("provider_away", kept)
        return kept

    async def _ask(
        self, method: str, address: str, headers: Mapping[str, str], body: str | None = None
    ) -> Mapping[str, Any]:
        try:
            status, text = await self._sender().ask(
                method, address, headers, body, most=_MOST_BYTES
            )
        except Unanswered as unanswered:
            raise SignOnFailed("provider_away", str(unanswered)) from None
        if status != 200:
            raise SignOnFailed("provider_refused", f"it answers {status}")
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise SignOnFailed("provider_refused", "its answer is not JSON")
        return said


def challenge(verifier: str) -> str:
    """What the provider gets to know of the verifier beforehand: RFC 7636, S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _address(said: Mapping[str, Any], name: str) -> str:
    found = said.get(name)
    if not isinstance(found, str) or not _ADDRESS.fullmatch(found):
        raise SignOnFailed("provider_refused", f"its configuration lacks {name}")
    return found


def _header(token: str) -> Mapping[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        header = {}
    if header.get("alg") not in _ALGORITHMS:
        raise SignOnFailed("bad_token")
    return header


def _signing_key(said: Mapping[str, Any], header: Mapping[str, Any]) -> jwt.PyJWK | None:
    listed = said.get("keys")
    keys = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    fit = [
        one
        for one in keys[:_MOST_KEYS]
        if one.get("use", "sig") == "sig"
        and ("kid" not in header or one.get("kid") == header["kid"])
        and one.get("alg", header["alg"]) == header["alg"]
    ]
    # Without a name it has to be clear which one is meant.
    if not fit or ("kid" not in header and len(fit) > 1):
        return None
    try:
        return jwt.PyJWK(fit[0], algorithm=header["alg"])
    except (jwt.PyJWTError, ValueError, TypeError):
        return None


def _claims(token: str, key: jwt.PyJWK, client: Client) -> Mapping[str, Any]:
    try:
        said: Mapping[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            audience=client.client_id,
            issuer=client.issuer,
            options={
                "require": ["iss", "sub", "aud", "exp", "iat"],
                # By our own clock, below.
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError):
        said = {}
    if not said:
        raise SignOnFailed("bad_token")
    return said


def _identity(said: Mapping[str, Any], secrets: Secrets, client: Client, now: datetime) -> Identity:
    if said.get("nonce") != secrets.nonce:
        raise SignOnFailed("bad_token")
    several = isinstance(said["aud"], list) and len(said["aud"]) > 1
    if said.get("azp", None if several else client.client_id) != client.client_id:
        raise SignOnFailed("bad_token")
    expires, issued = _moment(said["exp"]), _moment(said["iat"])
    if not (
        issued - _LEEWAY.total_seconds() <= now.timestamp() < expires + _LEEWAY.total_seconds()
    ):
        raise SignOnFailed("token_over")
    if now.timestamp() - issued > _OLDEST.total_seconds():
        raise SignOnFailed("token_over")
    subject, email, name = (str(said.get(claim) or "") for claim in ("sub", "email", "name"))
    if not 0 < len(subject) <= 255 or not subject.isprintable():
        raise SignOnFailed("bad_token")
    # Some providers write it as a text.
    if said.get("email_verified") not in (True, "true") or not _EMAIL.fullmatch(email):
        raise SignOnFailed("unverified_email")
    return Identity(client.issuer, subject, email.lower(), _printable(name)[:200])


def _printable(name: str) -> str:
    return "".join(one for one in " ".join(name.split()) if one.isprintable())


def _moment(said: Any) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise SignOnFailed("bad_token")
    return float(said)
