"""What all tools have at hand: the API with the key of whoever asks, and confirmations."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import InputRequiredResult, ToolAnnotations

from cli.assistants.confirmation import Answer, Words, act_of, agreement
from cli.remote.lookup import is_id
from trunkline_client import AsyncTrunkline, Away, NotFound, Problem, Unreadable
from trunkline_client.models import AgentView, CampaignView

#: Seconds for one answer of the API.
PATIENCE = 30.0
#: So many names are told where none was found.
_FEW = 8
#: What the API cannot know: no tool calls all the same.
_DUPLICATE = "Here that cannot be sent: show_call says where the other call stands."
Tool = TypeVar("Tool", bound=Callable[..., Awaitable[Any]])
Named = TypeVar("Named", AgentView, CampaignView)


def offered(
    scope: str, title: str, *, changes: bool = False, destroys: bool = False
) -> Callable[[Tool], Tool]:
    """Makes a tool of a method, for keys that have the scope."""

    def mark(method: Tool) -> Tool:
        hints = ToolAnnotations(
            title=title,
            read_only_hint=not changes,
            destructive_hint=destroys,
            open_world_hint=changes,
        )
        method.offer = (scope, title, hints)  # type: ignore[attr-defined]
        return method

    return mark


class Access:
    """`key` gives the key of the request that is being answered."""

    def __init__(self, url: str, key: Callable[[], str]) -> None:
        self.url = url
        self.key = key
        self._words = Words()

    @asynccontextmanager
    async def api(self) -> AsyncIterator[AsyncTrunkline]:
        """What goes wrong there ends the tool with a sentence."""
        try:
            async with AsyncTrunkline(self.url, self.key(), timeout=PATIENCE) as found:
                yield found
        except Away as error:
            raise ToolError(f"No Trunkline answers at {self.url}.") from error
        except Unreadable as error:
            raise ToolError(f"What answers at {self.url} is not this Trunkline.") from error
        except Problem as problem:
            raise ToolError(sentence(problem)) from problem

    async def scopes(self) -> Sequence[str] | None:
        """What the key may do; None where the server is of an age that does not tell."""
        try:
            async with AsyncTrunkline(self.url, self.key(), timeout=PATIENCE) as api:
                return (await api.get_own_key()).scopes
        except NotFound:
            return None

    async def agreed(
        self, ctx: Context[Any, Any], tool: str, arguments: dict[str, Any], question: str
    ) -> Answer | InputRequiredResult:
        """Whether a person agrees to a tool with these arguments; `confirm` is one of them."""
        said = {name: value for name, value in arguments.items() if name != "confirm"}
        act = act_of(self.key(), tool, said)
        return await agreement(ctx, self._words, act, question, arguments.get("confirm"))

    async def agent(self, api: AsyncTrunkline, text: str | None) -> AgentView:
        """By id or name; without either the only one there is."""
        if text is None:
            known = await api.list_agents(take=_FEW)
            if known.total == 1:
                return known.agents[0]
            raise ToolError(f"Name the agent: {_names(known.agents, known.total)}.")
        if is_id(text):
            with suppress(NotFound):
                return await api.get_agent(text)
        page = await api.list_agents(name=text, take=_FEW)
        if not page.agents:
            known = await api.list_agents(take=_FEW)
            raise ToolError(_unknown("agent", _names(known.agents, known.total)))
        return _only("agent", page.agents)

    async def campaign_id(self, api: AsyncTrunkline, text: str) -> str:
        """By id, which is not looked up, or name."""
        if is_id(text):
            return text
        page = await api.list_campaigns(name=text, take=_FEW)
        if not page.campaigns:
            known = await api.list_campaigns(take=_FEW)
            raise ToolError(_unknown("campaign", _names(known.campaigns, known.total)))
        return _only("campaign", page.campaigns).campaign_id


def sentence(problem: Problem) -> str:
    """What the API said, each field that is wrong by its name."""
    named = [f"{one.field}: {one.message} ({one.code})" for one in problem.errors if one.field]
    told = "; ".join(named[:10]) or f"{problem.detail} ({problem.code})"
    is_duplicate = any(one.code == "duplicate" for one in problem.errors)
    return f"{told} {_DUPLICATE}" if is_duplicate else told


def _only(noun: str, called: Sequence[Named]) -> Named:
    if len(called) > 1:
        raise ToolError(f"Several are called so; name the {noun} by its id.")
    return called[0]


def _unknown(noun: str, names: str) -> str:
    return f"There is no such {noun}. There are: {names}."


def _names(some: Sequence[Named], total: int) -> str:
    more = f" and {total - len(some)} more" if total > len(some) else ""
    return (", ".join(one.name for one in some) or "none yet") + more
