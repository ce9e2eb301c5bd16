"""What may be asked of `agents`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import Iterator

from trunkline_client.models.agents import (
    AgentList,
    AgentPatch,
    AgentRequest,
    AgentView,
    DraftRehearsalRequest,
    LastWordSecret,
    PathwayList,
    PathwayPatch,
    PathwayRequest,
    PathwayView,
    RehearsalRequest,
    RehearsalView,
)
from trunkline_client.models.shared import MovesView
from trunkline_client.transport import Asking, Json, part


class AgentsOperations(Asking):
    def list_agents(
        self, *, name: str | None = None, skip: int | None = None, take: int | None = None
    ) -> AgentList:
        """The account's agents."""
        return self._ask(
            AgentList, "GET", "/api/v1/agents", query={"name": name, "skip": skip, "take": take}
        )

    def create_agent(self, body: AgentRequest | Json) -> AgentView:
        """Create an agent."""
        return self._ask(AgentView, "POST", "/api/v1/agents", body=body)

    def get_agent(self, agent_id: str) -> AgentView:
        """One agent."""
        return self._ask(AgentView, "GET", f"/api/v1/agents/{part(agent_id)}")

    def replace_agent(self, agent_id: str, body: AgentRequest | Json) -> AgentView:
        """Replace an agent; what is left out gets its default."""
        return self._ask(AgentView, "PUT", f"/api/v1/agents/{part(agent_id)}", body=body)

    def dry_replace_agent(self, agent_id: str, body: AgentRequest | Json) -> MovesView:
        """As a dry run: nothing is changed, and said which waiting calls would move."""
        return self._ask(
            MovesView, "PUT", f"/api/v1/agents/{part(agent_id)}", query={"dryRun": True}, body=body
        )

    def change_agent(self, agent_id: str, body: AgentPatch | Json) -> AgentView:
        """Change the fields that are named; the others stay."""
        return self._ask(AgentView, "PATCH", f"/api/v1/agents/{part(agent_id)}", body=body)

    def dry_change_agent(self, agent_id: str, body: AgentPatch | Json) -> MovesView:
        """As a dry run: nothing is changed, and said which waiting calls would move."""
        return self._ask(
            MovesView,
            "PATCH",
            f"/api/v1/agents/{part(agent_id)}",
            query={"dryRun": True},
            body=body,
        )

    def delete_agent(self, agent_id: str) -> None:
        """Delete an agent. Its waiting calls are canceled; all its calls stay readable."""
        return self._ask(None, "DELETE", f"/api/v1/agents/{part(agent_id)}")

    def renew_last_word_secret(self, agent_id: str) -> LastWordSecret:
        """Make a secret that signs requests for the last word. The one before is over at once."""
        return self._ask(
            LastWordSecret, "POST", f"/api/v1/agents/{part(agent_id)}/last-word-secret"
        )

    def list_pathways(
        self, *, name: str | None = None, skip: int | None = None, take: int | None = None
    ) -> PathwayList:
        """The account's pathways."""
        return self._ask(
            PathwayList, "GET", "/api/v1/pathways", query={"name": name, "skip": skip, "take": take}
        )

    def create_pathway(self, body: PathwayRequest | Json) -> PathwayView:
        """Create a pathway. Unknown variables, dead ends and unreachable nodes are refused."""
        return self._ask(PathwayView, "POST", "/api/v1/pathways", body=body)

    def get_pathway(self, pathway_id: str) -> PathwayView:
        """One pathway."""
        return self._ask(PathwayView, "GET", f"/api/v1/pathways/{part(pathway_id)}")

    def replace_pathway(self, pathway_id: str, body: PathwayRequest | Json) -> PathwayView:
        """Replace a pathway. Calls that wait use the new one."""
        return self._ask(PathwayView, "PUT", f"/api/v1/pathways/{part(pathway_id)}", body=body)

    def change_pathway(self, pathway_id: str, body: PathwayPatch | Json) -> PathwayView:
        """Change the fields that are named; the others stay."""
        return self._ask(PathwayView, "PATCH", f"/api/v1/pathways/{part(pathway_id)}", body=body)

    def delete_pathway(self, pathway_id: str) -> None:
        """Delete a pathway that no agent and no open call uses."""
        return self._ask(None, "DELETE", f"/api/v1/pathways/{part(pathway_id)}")

    def rehearse_draft(self, body: DraftRehearsalRequest | Json) -> RehearsalView:
        """Walk a pathway that is not saved as somebody who is called would. Nobody is."""
        return self._ask(RehearsalView, "POST", "/api/v1/pathways/rehearsal", body=body)

    def rehearse_pathway(self, pathway_id: str, body: RehearsalRequest | Json) -> RehearsalView:
        """Walk a pathway as somebody who is called would: what is heard, and how it ends."""
        return self._ask(
            RehearsalView, "POST", f"/api/v1/pathways/{part(pathway_id)}/rehearsal", body=body
        )

    def iter_agents(
        self, *, name: str | None = None, take: int | None = None
    ) -> Iterator[AgentView]:
        """Goes through `list_agents`, page by page."""
        skip = 0
        while True:
            page = self.list_agents(name=name, take=take, skip=skip)
            yield from page.agents
            skip += len(page.agents)
            if not page.agents or skip >= page.total:
                return

    def iter_pathways(
        self, *, name: str | None = None, take: int | None = None
    ) -> Iterator[PathwayView]:
        """Goes through `list_pathways`, page by page."""
        skip = 0
        while True:
            page = self.list_pathways(name=name, take=take, skip=skip)
            yield from page.pathways
            skip += len(page.pathways)
            if not page.pathways or skip >= page.total:
                return
