"""What a browser takes along to a provider of single sign-on, and proves when it comes back.

All of it follows from one random text in a signed cookie: nothing is kept here meanwhile.
"""

import base64
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.people.oidc import Secrets
from dashboard.session.signature import Signer, fresh_nonce

LASTS = timedelta(minutes=10)
_COOKIE = re.compile(
    r"([\w-]{1,64})\.(\d{1,12})\.([\w-]{22})\.([\w/-]{0,200})\.([\w-]{43})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Departure:
    """Which provider, until when, and where to afterwards; true only once `is_ours` says so."""

    sign_on_id: str
    ends: int
    nonce: str
    wanted: str
    signature: str = ""

    def __str__(self) -> str:
        return f"{self.said}.{self.signature}"

    @property
    def said(self) -> str:
        return f"{self.sign_on_id}.{self.ends}.{self.nonce}.{self.wanted}"


def depart(signer: Signer, sign_on_id: str, wanted: str, now: datetime) -> Departure:
    """A new one. `wanted`: a page of ours."""
    ends = int((now + LASTS).timestamp())
    made = Departure(sign_on_id, ends, fresh_nonce(), wanted)
    return Departure(sign_on_id, ends, made.nonce, wanted, _derived(signer, made, "signature"))


def read_departure(signer: Signer, cookie: str, now: datetime) -> Departure | None:
    """The one in a cookie, if it is ours and not over."""
    found = _COOKIE.fullmatch(cookie)
    if found is None:
        return None
    said = Departure(found[1], int(found[2]), found[3], found[4], found[5])
    is_ours = hmac.compare_digest(_derived(signer, said, "signature"), said.signature)
    return said if is_ours and now.timestamp() < said.ends else None


def secrets_of(signer: Signer, said: Departure) -> Secrets:
    """What the provider is told, and what of it has to come back."""
    return Secrets(*(_derived(signer, said, use) for use in ("state", "nonce", "verifier")))


def _derived(signer: Signer, said: Departure, use: str) -> str:
    digest = hmac.digest(signer.secret, f"sign-on {use}:{said.said}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
