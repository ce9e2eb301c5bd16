"""Things by what people call them: an id, or a name."""

from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from cli.errors import NotThere, Unusable
from cli.remote.command import Remote
from trunkline_client.models import AgentView, CampaignView, PathwayView

Thing = TypeVar("Thing", AgentView, CampaignView, PathwayView)
#: More are not listed in a sentence.
_FEW = 8


def agent_id(remote: Remote, text: str = "") -> str:
    """As `agent`; what is an id already is not looked up, so that fewer scopes do."""
    return text if _is_id(text) else agent(remote, text).agent_id


def campaign_id(remote: Remote, text: str) -> str:
    """As `campaign`, without asking for what is an id already."""
    return text if _is_id(text) else campaign(remote, text).campaign_id


def pathway_id(remote: Remote, text: str) -> str:
    """As `pathway`, without asking for what is an id already."""
    return text if _is_id(text) else pathway(remote, text).pathway_id


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def agent(remote: Remote, text: str = "") -> AgentView:
    """By id or name; without either the only one there is. Raises Unusable."""
    found = list(remote.api.iter_agents(take=200))
    if text:
        return _chosen("agent", text, [(one.agent_id, one.name, one) for one in found])
    if not found:
        raise Unusable("There is no agent yet: make one with `trunkline agents create`.")
    if len(found) > 1:
        raise Unusable(f"Name the agent with --agent: {_names(one.name for one in found)}.")
    return found[0]


def campaign(remote: Remote, text: str) -> CampaignView:
    """By id or name; raises NotThere."""
    found = remote.api.iter_campaigns(take=200)
    return _chosen("campaign", text, [(one.campaign_id, one.name, one) for one in found])


def pathway(remote: Remote, text: str) -> PathwayView:
    """By id or name; raises NotThere."""
    found = remote.api.iter_pathways(take=200)
    return _chosen("pathway", text, [(one.pathway_id, one.name, one) for one in found])


def _chosen(noun: str, text: str, known: Sequence[tuple[str, str, Thing]]) -> Thing:
    exact = [one for one in known if one[0] == text]
    called = [one for one in known if one[1].casefold() == text.casefold()]
    begun = [one for one in known if len(text) >= _FEW and one[0].startswith(text)]
    found = exact or called or begun
    if len(found) > 1:
        ids = ", ".join(id for id, *_ in found)
        raise Unusable(f"Several are called {text}; name one by its id: {ids}.")
    if found:
        return found[0][2]
    names = _names(name for _, name, _ in known)
    raise NotThere(f"There is no {noun} {text}. There are: {names}.")


def _names(names: Iterable[str]) -> str:
    found = sorted(set(names))
    more = f" and {len(found) - _FEW} more" if len(found) > _FEW else ""
    return (", ".join(found[:_FEW]) or "none") + more
