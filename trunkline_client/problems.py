"""What goes wrong, as exceptions. No text of theirs holds a number, a name or a key of yours."""

from dataclasses import dataclass
from typing import Any


class TrunklineError(Exception):
    """Whatever can go wrong with a request."""


class Away(TrunklineError):
    """No answer came: the server cannot be reached, or the connection broke."""


class Unreadable(TrunklineError):
    """What answered is not Trunkline's API, or one of another age."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: its camelCase path with dots between levels, code, sentence."""

    field: str
    code: str
    message: str


class Problem(TrunklineError):
    """The API refused or failed (RFC 9457). `code` is stable and meant for programs.

    `errors` names each field that is wrong. `retry_after` is in seconds, where the answer has it.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: tuple[FieldError, ...] = (),
        *,
        retry_after: float | None = None,
        body: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.retry_after = retry_after
        self.body = body or {}

    @property
    def field(self) -> str:
        """The first field that is wrong; empty where it is none's fault."""
        return self.errors[0].field if self.errors else ""


class Unauthorized(Problem):
    """No API key, or one that is not known (401)."""


class Forbidden(Problem):
    """The key lacks the scope (403)."""


class NotFound(Problem):
    """The account has no such thing (404)."""


class Conflict(Problem):
    """As things stand it cannot be done (409)."""


_KINDS = {401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Conflict}


def problem(status: int, body: Any, retry_after: float | None = None) -> Problem:
    """The exception for an answer that is none of success; `body` is its JSON, or None."""
    said = body if isinstance(body, dict) else {}
    errors = tuple(
        FieldError(str(one.get("field", "")), str(one.get("code", "")), str(one.get("message", "")))
        for one in said.get("errors") or ()
        if isinstance(one, dict)
    )
    detail = str(said.get("detail") or f"The server answered with status {status}.")
    kind = _KINDS.get(status, Problem)
    code = str(said.get("code") or f"status_{status}")
    return kind(status, code, detail, errors, retry_after=retry_after, body=said)
