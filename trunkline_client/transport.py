"""One request and its answer: what is sent, how often, and what is made of what comes back."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar, overload
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, ValidationError

from trunkline_client.problems import Away, Problem, Unreadable, problem
from trunkline_client.retries import BUSY, GIVEN_UP, REPEATABLE, Retries, seconds

Model = TypeVar("Model", bound=BaseModel)
#: JSON as Python has it; models may stand in it.
Json = Mapping[str, Any] | Sequence[Any]
Query = Mapping[str, Any]
#: A file: all of it, or in pieces. Pieces are read once, so they are sent once.
Content = bytes | Iterable[bytes]
AsyncContent = bytes | AsyncIterable[bytes]
KEY_HEADER = "Idempotency-Key"


def new_key() -> str:
    """An idempotency key that nobody has used."""
    return str(uuid.uuid4())


def part(text: object) -> str:
    """A part of a path."""
    return quote(str(text), safe="")


def under(values: Mapping[str, str] | None) -> dict[str, str]:
    """Filters by what is yours."""
    return {f"additionalData.{name}": value for name, value in (values or {}).items()}


@dataclass
class Prepared:
    """A request that can be sent as often as need be."""

    method: str
    path: str
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    json: Any = None
    content: Any = None

    @property
    def once(self) -> bool:
        """Whether its content is gone after the first try."""
        return self.content is not None and not isinstance(self.content, bytes)

    @property
    def is_repeatable(self) -> bool:
        return self.method in REPEATABLE or KEY_HEADER in self.headers

    def build(self, http: httpx2.Client | httpx2.AsyncClient) -> httpx2.Request:
        """For a try."""
        return http.build_request(
            self.method,
            self.path,
            params=tuple(self.query) or None,
            headers=self.headers,
            json=self.json,
            content=self.content,
        )


def prepared(
    method: str,
    path: str,
    *,
    query: Query | None = None,
    headers: Query | None = None,
    body: Any = None,
    file: Any = None,
    content_type: str = "",
    key: str = "",
) -> Prepared:
    """What the generated methods say, as it is sent: what is None is left out."""
    found = Prepared(method, path, list(_texts(query or {})), dict(_texts(headers or {})))
    if key:
        found.headers[KEY_HEADER] = key
    if file is not None:
        found.content = file
        found.headers["Content-Type"] = content_type
    elif body is not None:
        found.json = jsonable(body)
    return found


def _texts(values: Query) -> Iterable[tuple[str, str]]:
    for name, value in values.items():
        many = isinstance(value, Sequence) and not isinstance(value, str)
        for one in value if many else [value]:
            if one is not None:
                yield name, _text(one)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def jsonable(value: Any) -> Any:
    """Models as the API reads them: camelCase, and only what was named."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if isinstance(value, Mapping):
        return {name: jsonable(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [jsonable(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def pause_after(
    request: Prepared, result: httpx2.Response | httpx2.TransportError, tried: int, retries: Retries
) -> float | None:
    """Seconds until this is sent again; None: what came is the result."""
    if request.once:
        return None
    if isinstance(result, httpx2.Response):
        after = seconds(result.headers.get("Retry-After"))
        may_go = result.status_code in BUSY and (request.is_repeatable or not _is_given_up(result))
        return retries.pause(tried, after) if may_go else None
    never_sent = isinstance(result, httpx2.ConnectError | httpx2.ConnectTimeout)
    return retries.pause(tried) if never_sent or request.is_repeatable else None


def _is_given_up(answer: httpx2.Response) -> bool:
    told = problem_of(answer)
    return isinstance(told, Problem) and told.code == GIVEN_UP


def away(error: httpx2.TransportError) -> Away:
    """Without the address, which may hold a secret."""
    return Away(f"The server cannot be reached ({type(error).__name__}).")


def read(answer: httpx2.Response, kind: Any) -> Any:
    """The answer as what it is; raises Problem."""
    if not answer.is_success:
        raise problem_of(answer)
    if kind is None:
        return None
    return answer.content if kind is bytes else model(kind, answer.content)


def model(kind: type[Model], body: bytes) -> Model:
    """A body as what it is; raises Unreadable."""
    try:
        return kind.model_validate_json(body)
    except ValidationError:
        # Not chained: pydantic's text repeats what it read, which may be a person's number.
        raise Unreadable(f"What came is no {kind.__name__}.") from None


def problem_of(answer: httpx2.Response) -> Exception:
    """The exception for an answer that was read and is none of success."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    return problem(answer.status_code, body, seconds(answer.headers.get("Retry-After")))


class Asking:
    """Sends requests and waits for their answers."""

    http: httpx2.Client
    retries: Retries

    @overload
    def _ask(self, kind: type[Model], method: str, path: str, **said: Any) -> Model: ...
    @overload
    def _ask(self, kind: type[bytes], method: str, path: str, **said: Any) -> bytes: ...
    @overload
    def _ask(self, kind: None, method: str, path: str, **said: Any) -> None: ...
    def _ask(self, kind: Any, method: str, path: str, **said: Any) -> Any:
        return read(self._sent(prepared(method, path, **said)), kind)

    def _sent(self, request: Prepared) -> httpx2.Response:
        tried = 0
        while True:
            tried += 1
            result: httpx2.Response | httpx2.TransportError
            try:
                result = self.http.send(request.build(self.http))
            except httpx2.TransportError as error:
                result = error
            pause = pause_after(request, result, tried, self.retries)
            if pause is not None:
                time.sleep(pause)
            elif isinstance(result, httpx2.Response):
                return result
            else:
                raise away(result) from result


class AsyncAsking:
    """Sends requests and awaits their answers."""

    http: httpx2.AsyncClient
    retries: Retries

    @overload
    async def _ask(self, kind: type[Model], method: str, path: str, **said: Any) -> Model: ...
    @overload
    async def _ask(self, kind: type[bytes], method: str, path: str, **said: Any) -> bytes: ...
    @overload
    async def _ask(self, kind: None, method: str, path: str, **said: Any) -> None: ...
    async def _ask(self, kind: Any, method: str, path: str, **said: Any) -> Any:
        return read(await self._sent(prepared(method, path, **said)), kind)

    async def _sent(self, request: Prepared) -> httpx2.Response:
        tried = 0
        while True:
            tried += 1
            result: httpx2.Response | httpx2.TransportError
            try:
                result = await self.http.send(request.build(self.http))
            except httpx2.TransportError as error:
                result = error
            pause = pause_after(request, result, tried, self.retries)
            if pause is not None:
                await asyncio.sleep(pause)
            elif isinstance(result, httpx2.Response):
                return result
            else:
                raise away(result) from result
