"""Signed tokens (RFC 7515, RS256) and the key that checks them (RFC 7517)."""

import base64
import json
import secrets
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


class TokenSigner:
    """A key of its own for as long as it lives; `renew` puts another in its place."""

    def __init__(self) -> None:
        self.key_id = secrets.token_hex(4)

    def renew(self) -> None:
        """As providers do now and then: the former key checks nothing any more."""
        self.key_id = secrets.token_hex(4)
        del self._key

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        """Made when it is needed: that takes longer than all else at the start."""
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        """A token that says this. `header`: in place of what it would say of itself."""
        head = {"alg": "RS256", "typ": "JWT", "kid": self.key_id, **header}
        said = f"{_text(json.dumps(head).encode())}.{_text(json.dumps(claims).encode())}"
        signature = self._key.sign(said.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{said}.{_text(signature)}"

    def key_set(self) -> dict[str, Any]:
        """What everybody may know of the key."""
        public = self._key.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.key_id}
        return {"keys": [{**key, "n": _number(public.n), "e": _number(public.e)}]}


def _number(value: int) -> str:
    return _text(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
