"""Things by what people call them: an id, the beginning of one, or a name.

The server is asked by id, then by name; only for the beginning of an id are the newest looked
through, so many at the most.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from cli.errors import NotThere, Unusable
from cli.remote.command import Remote
from trunkline_client import NotFound
from trunkline_client.models import AgentView, CampaignDetail, CampaignView, PathwayView

Campaign = CampaignView | CampaignDetail
Thing = TypeVar("Thing", AgentView, Campaign, PathwayView)
#: More are not listed in a sentence; and so much of an id says which one is meant.
_FEW = 8
#: Among so many of the newest an id is looked for by its beginning.
_NEWEST = 1000


def agent_id(remote: Remote, text: str = "") -> str:
    """As `agent`; what is an id already is not looked up, so that fewer scopes do."""
    return text if is_id(text) else agent(remote, text).agent_id


def campaign_id(remote: Remote, text: str) -> str:
    """As `campaign`, without asking for what is an id already."""
    return text if is_id(text) else campaign(remote, text).campaign_id


def pathway_id(remote: Remote, text: str) -> str:
    """As `pathway`, without asking for what is an id already."""
    return text if is_id(text) else pathway(remote, text).pathway_id


def is_id(text: str) -> bool:
    """Whether it is an id of ours as it is written."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class _Kind(Generic[Thing]):
    """How one noun is asked for. `some` gives a page and how many there are in all."""

    noun: str
    get: Callable[[str], Thing]
    some: Callable[..., tuple[Sequence[Thing], int]]
    id_of: Callable[[Thing], str]


def agent(remote: Remote, text: str = "") -> AgentView:
    """By id or name; without either the only one there is. Raises Unusable."""

    def some(**asked: Any) -> tuple[Sequence[AgentView], int]:
        page = remote.api.list_agents(**asked)
        return page.agents, page.total

    if text:
        return _found(_Kind("agent", remote.api.get_agent, some, lambda one: one.agent_id), text)
    found, total = some(take=_FEW)
    if not total:
        raise Unusable("There is no agent yet: make one with `trunkline agents create`.")
    if total > 1:
        raise Unusable(f"Name the agent with --agent: {_names(found, total)}.")
    return found[0]


def campaign(remote: Remote, text: str) -> Campaign:
    """By id or name; raises NotThere."""

    def some(**asked: Any) -> tuple[Sequence[Campaign], int]:
        page = remote.api.list_campaigns(**asked)
        return page.campaigns, page.total

    def get(id: str) -> Campaign:
        return remote.api.get_campaign(id)

    return _found(_Kind("campaign", get, some, lambda one: one.campaign_id), text)


def pathway(remote: Remote, text: str) -> PathwayView:
    """By id or name; raises NotThere."""

    def some(**asked: Any) -> tuple[Sequence[PathwayView], int]:
        page = remote.api.list_pathways(**asked)
        return page.pathways, page.total

    return _found(_Kind("pathway", remote.api.get_pathway, some, lambda one: one.pathway_id), text)


def _found(kind: _Kind[Thing], text: str) -> Thing:
    if is_id(text):
        with suppress(NotFound):
            return kind.get(text)
    found, total = kind.some(name=text, take=_FEW)
    if not found and len(text) >= _FEW:
        newest, _ = kind.some(take=_NEWEST)
        found = [one for one in newest if kind.id_of(one).startswith(text)]
        total = len(found)
    if total > 1:
        ids = ", ".join(kind.id_of(one) for one in found[:_FEW])
        raise Unusable(f"Several are called {text}; name one by its id: {ids}.")
    if found:
        return found[0]
    known, total = kind.some(take=_FEW)
    raise NotThere(f"There is no {kind.noun} {text}. There are: {_names(known, total)}.")


def _names(some: Sequence[Thing], total: int) -> str:
    more = f" and {total - len(some)} more" if total > len(some) else ""
    return (", ".join(sorted(one.name for one in some)) or "none") + more
