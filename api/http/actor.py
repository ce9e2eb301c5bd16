"""Who asked for something, and what the audit log keeps of it."""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Request, Response
from sqlalchemy import inspect
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from api.http.deps import services
from storage.accounts import audit_log
from storage.database.witness import witnessed_by
from storage.tables import ApiKey, Event, IdempotencyKey, JsonObject

Via = Literal["api", "page"]
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: They are asked with POST for their length, and change nothing.
LOOKS = frozenset(
    {
        *("preflight_campaign", "forecast_campaign", "preview_call"),
        *("rehearse_pathway", "rehearse_draft"),
    }
)
#: Of this browser only.
_OWN_MATTERS = frozenset({"choose_zone"})
_FIELD = re.compile(r"[A-Za-z_]\w{0,63}", re.ASCII)
#: Ids and names of rules; what may be a phone number is neither.
_ID = re.compile(r"(?!\+?\d{7,15}$)[\w.:-]{1,64}", re.ASCII)
_MOST_FIELDS = 50
#: Written beside what is changed, and no object of a change.
_BESIDES = (Event, IdempotencyKey)


def name_of(key: ApiKey) -> str:
    """The person it stands for; else the key by its name, or by how it begins."""
    return f"{_kind_of(key)} {key.name or key.prefix}"


def _kind_of(key: ApiKey) -> str:
    return "key" if key.member_id is None else "person"


def entry(key: ApiKey, at: datetime, via: Via, action: str, object_id: str | None) -> JsonObject:
    """What the audit log keeps of a change that whoever has this key has asked for."""
    return {
        "account_id": key.account_id,
        "at": at,
        "actor_kind": _kind_of(key),
        "actor_id": key.member_id or key.api_key_id,
        "actor": name_of(key),
        "via": via,
        "action": action,
        "object_id": object_id,
        "fields": [],
    }


async def _in_hand(request: Request) -> ApiKey:
    _, key = request.state.holder
    assert isinstance(key, ApiKey)
    return key


async def _by(request: Request) -> str:
    return name_of(await _in_hand(request))


By = Annotated[str, Depends(_by)]
#: The key that asks, or that stands for the person who does.
InHand = Annotated[ApiKey, Depends(_in_hand)]


def note_fields(request: Request, names: Iterable[object]) -> None:
    """What a request names at the top: kept with the change it makes, the values never."""
    found = [name for name in names if isinstance(name, str) and _FIELD.fullmatch(name)]
    request.state.fields = sorted(found)[:_MOST_FIELDS]


class Change:
    """What a request changes: noted in the first transaction in which it writes anything."""

    def __init__(self, request: Request, via: Via) -> None:
        self._request = request
        self._via = via
        self.is_kept = False

    async def note(self, session: AsyncSession, made: Sequence[SQLModel]) -> None:
        if self.is_kept:
            return
        uses = await services(self._request)
        key = await _in_hand(self._request)
        object_id = self._named() or _first_made(made)
        found = entry(key, uses.now(), self._via, self.action, object_id)
        found["fields"] = getattr(self._request.state, "fields", [])
        await audit_log.record(session, found)

    def kept(self) -> None:
        self.is_kept = True

    @property
    def action(self) -> str:
        return str(getattr(self._request.scope.get("route"), "name", ""))

    def was_made(self, answer: Response) -> bool:
        """Whether an answer tells of a change, though nothing was written here: by a workflow."""
        if self.action in LOOKS or self.action in _OWN_MATTERS:
            return False
        if self._via == "page":
            return answer.status_code == 303
        is_dry = self._request.query_params.get("dryRun", "").lower() in {"true", "1", "yes", "on"}
        return answer.status_code < 300 and not is_dry

    def _named(self) -> str | None:
        """By the address: of several things the one that holds the others."""
        values = map(str, self._request.path_params.values())
        return next((one for one in values if _ID.fullmatch(one)), None)


def _first_made(made: Sequence[SQLModel]) -> str | None:
    for row in made:
        key = inspect(row).identity
        if key and not isinstance(row, _BESIDES) and _ID.fullmatch(str(key[0])):
            return str(key[0])
    return None


class Logged:
    """The answer to a request within `logged`."""

    answer: Response | None = None


@asynccontextmanager
async def logged(request: Request, via: Via) -> AsyncIterator[Logged]:
    """What the request changes is kept in the audit log, with who asked for it."""
    within = Logged()
    if request.method in _SAFE:
        yield within
        return
    change = Change(request, via)
    with witnessed_by(change):
        yield within
        if within.answer is not None and not change.is_kept and change.was_made(within.answer):
            async with (await services(request)).db.write():
                pass
