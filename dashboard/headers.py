"""The headers of every answer under /dashboard, whoever gives it."""

import base64
import hashlib
import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX = "/dashboard"
#: Scripts that are files of ours only, nothing from elsewhere, nobody else's frame.
_POLICY = (
    "default-src 'none'; style-src 'self'{styles}; script-src 'self'; connect-src 'self'; "
    "img-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_ALWAYS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_INLINE_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def policy(html: str = "") -> str:
    """The content security policy of a page; style that stands in it is allowed by its hash."""
    hashes = (hashlib.sha256(text.encode()).digest() for text in _INLINE_STYLE.findall(html))
    named = (f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in hashes)
    return _POLICY.format(styles="".join(named))


class PageHeaders:
    """Outermost, so that a refusal from anywhere has them, too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_ours(scope["path"]):
            await self._app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _dress(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, dressed)


def _is_ours(path: str) -> bool:
    return path.startswith(PREFIX) and path[len(PREFIX) :][:1] in ("", "/")


def _dress(headers: MutableHeaders) -> None:
    headers.setdefault("Content-Security-Policy", policy())
    headers.setdefault("Cache-Control", "no-store")
    for name, value in _ALWAYS.items():
        headers[name] = value
