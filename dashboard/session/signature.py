"""What a session's cookie says and what its forms carry, signed so that nobody else can make them.

The cookie names an API key and an end. Its signature needs two things at once: a secret of the
deployment, which no database holds, and the key's row, which no environment holds.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from settings import Settings
from storage.tables import ApiKey

SESSION_LASTS = timedelta(hours=8)
_COOKIE = re.compile(r"([\w-]{1,64})\.(\d{1,12})\.([\w-]{22})\.([\w-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pass:
    """A session as the cookie tells it; nothing in it is true before `Signer.admits` says so."""

    key_id: str
    ends: int
    nonce: str
    signature: str

    def __str__(self) -> str:
        return f"{self.said}.{self.signature}"

    @property
    def said(self) -> str:
        return f"{self.key_id}.{self.ends}.{self.nonce}"

    @property
    def ends_at(self) -> datetime:
        return datetime.fromtimestamp(self.ends, UTC)


def read_pass(cookie: str) -> Pass | None:
    """The parts of a cookie that looks like one of ours."""
    found = _COOKIE.fullmatch(cookie)
    return Pass(found[1], int(found[2]), found[3], found[4]) if found else None


@dataclass(frozen=True, slots=True)
class Signer:
    """Makes and checks passes and the tokens of forms."""

    secret: bytes

    def new_pass(self, key: ApiKey, now: datetime) -> Pass:
        ends = int((now + SESSION_LASTS).timestamp())
        unsigned = Pass(key.api_key_id, ends, fresh_nonce(), "")
        return Pass(key.api_key_id, ends, unsigned.nonce, self._sign(key, "session", unsigned.said))

    def admits(self, one: Pass, key: ApiKey, now: datetime) -> bool:
        """Whether the pass is ours, of this key, and not over."""
        expected = self._sign(key, "session", one.said)
        return hmac.compare_digest(expected, one.signature) and now < one.ends_at

    def form_token(self, one: Pass, key: ApiKey) -> str:
        """What every form of a session carries; another site cannot read it."""
        return self._sign(key, "form", one.said)

    def sign_in_token(self, nonce: str) -> str:
        """The same for the form that begins a session."""
        return _text(hmac.digest(self.secret, f"sign-in:{nonce}".encode(), "sha256"))

    def _sign(self, key: ApiKey, use: str, said: str) -> str:
        of_key = hmac.digest(self.secret, key.sha256.encode(), "sha256")
        return _text(hmac.digest(of_key, f"{use}:{said}".encode(), "sha256"))


def signer_of(settings: Settings) -> Signer:
    """By the secrets the deployment has; without any, sessions end with the process."""
    known = (settings.twilio_auth_token, settings.privacy_key, settings.bootstrap_api_key)
    texts = [secret.get_secret_value() for secret in known]
    if not any(texts):
        return random_signer()
    # Each in a hash of its own, so that no two deployments' secrets run into the same text.
    parts = b"".join(hashlib.sha256(text.encode()).digest() for text in texts)
    return Signer(hmac.digest(b"trunkline dashboard sessions", parts, "sha256"))


def random_signer() -> Signer:
    return Signer(secrets.token_bytes(32))


def fresh_nonce() -> str:
    return secrets.token_urlsafe(16)


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
