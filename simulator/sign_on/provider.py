"""The provider's routes, and what it remembers between the sign-in page and the token."""

import base64
import hashlib
import html
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from simulator.sign_on.tokens import TokenSigner

PATH = "/idp"
_LASTS = 300
_CODE_LASTS = 60
_ASKED = ("client_id", "redirect_uri", "state", "nonce", "code_challenge")
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Simulated provider</title>
<h1>Simulated provider</h1><p>Nobody is checked here: be whoever you type.</p>
<form method="post">{hidden}
<p><label>Mail address <input name="email" type="email" value="ada@example.com" required></label>
<p><label>Name <input name="name" value="Ada Novak"></label>
<p><label><input type="checkbox" name="verified" value="true" checked> it is verified</label>
<p><button>Sign in</button></form></html>"""


@dataclass
class Code:
    """What a code stands for, once."""

    asked: dict[str, str]
    claims: dict[str, Any]
    ends: float


@dataclass
class SignOn:
    """One provider. `secret`: what clients must know; None: any may ask, as public clients.

    `overrides`: claims and header fields that its tokens say instead of the truth, for tests.
    """

    issuer: str
    secret: str | None = None
    #: Seconds since the epoch.
    now: Callable[[], float] = time.time
    signer: TokenSigner = field(default_factory=TokenSigner)
    codes: dict[str, Code] = field(default_factory=dict)
    overrides: dict[str, dict[str, Any]] = field(default_factory=dict)

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def let_in(self, asked: dict[str, str], email: str, name: str, *, verified: bool) -> str:
        """Where the browser goes back to, with a code."""
        code = secrets.token_urlsafe(24)
        claims = {"sub": _subject(email), "email": email, "email_verified": verified, "name": name}
        self.codes[code] = Code(asked, claims, self.now() + _CODE_LASTS)
        answer = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def token(self, form: dict[str, str], client: tuple[str, str | None]) -> dict[str, Any] | str:
        """What the code is good for, or an error's name."""
        client_id, secret = client
        if self.secret is not None and secret != self.secret:
            return "invalid_client"
        code = self.codes.pop(form.get("code", ""), None)
        if code is None or code.ends <= self.now():
            return "invalid_grant"
        is_same = (client_id, form.get("redirect_uri")) == (
            code.asked["client_id"],
            code.asked["redirect_uri"],
        )
        if not is_same or _challenge(form.get("code_verifier", "")) != code.asked["code_challenge"]:
            return "invalid_grant"
        return {
            "access_token": secrets.token_urlsafe(16),
            "token_type": "Bearer",
            "expires_in": _LASTS,
            "id_token": self._id_token(code, client_id),
        }

    def _id_token(self, code: Code, client_id: str) -> str:
        now = int(self.now())
        claims = {
            "iss": self.issuer,
            "aud": client_id,
            "iat": now,
            "exp": now + _LASTS,
            "nonce": code.asked["nonce"],
            **code.claims,
            **self.overrides.get("claims", {}),
        }
        return self.signer.sign(claims, **self.overrides.get("header", {}))


def sign_on_router(provider: SignOn) -> APIRouter:
    """The routes below /idp."""
    router = APIRouter(prefix=PATH)

    @router.get("/.well-known/openid-configuration")
    async def configuration() -> dict[str, Any]:
        return provider.configuration()

    @router.get("/keys")
    async def keys() -> dict[str, Any]:
        return provider.signer.key_set()

    @router.get("/authorize")
    async def sign_in_page(request: Request) -> Response:
        asked = {name: request.query_params.get(name, "") for name in _ASKED}
        wrong = _wrong(request, asked)
        if wrong:
            return HTMLResponse(f"<!doctype html><p>{html.escape(wrong)}</p>", 400)
        fields = (
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
            for name, value in asked.items()
        )
        return HTMLResponse(_PAGE.format(hidden="".join(fields)))

    @router.post("/authorize")
    async def signed_in(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        asked = {name: form.get(name, "") for name in _ASKED}
        verified = form.get("verified") == "true"
        address = provider.let_in(
            asked, form.get("email", ""), form.get("name", ""), verified=verified
        )
        return RedirectResponse(address, 303)

    @router.post("/token")
    async def token(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        said = provider.token(form, _client(request, form))
        headers = {"Cache-Control": "no-store"}
        if isinstance(said, str):
            status = 401 if said == "invalid_client" else 400
            return JSONResponse({"error": said}, status, headers)
        return JSONResponse(said, headers=headers)

    return router


def _wrong(request: Request, asked: dict[str, str]) -> str:
    query = request.query_params
    if query.get("response_type") != "code" or "openid" not in query.get("scope", "").split():
        return "Only the authorization code flow of OpenID Connect is spoken here."
    if query.get("code_challenge_method") != "S256":
        return "PKCE with S256 is required."
    missing = [name for name, value in asked.items() if not value]
    return f"Missing: {', '.join(missing)}" if missing else ""


def _client(request: Request, form: dict[str, str]) -> tuple[str, str | None]:
    """Who asks, by HTTP Basic or by the form."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret")
    name, _, secret = base64.b64decode(text).decode().partition(":")
    return unquote(name), unquote(secret)


def _subject(email: str) -> str:
    return hashlib.sha256(email.lower().encode()).hexdigest()[:24]


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
