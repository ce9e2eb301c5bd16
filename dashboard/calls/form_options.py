"""What the form of a call offers: agents, pathways, the variables of the one that is chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.http.deps import Services
from dashboard.calls.call_form import CallForm
from policy.pathways import blanks
from storage.accounts import agents, pathways
from storage.tables import Account, Agent, Pathway

_OFFERED = 500


@dataclass(frozen=True, slots=True)
class FormOptions:
    """`agent` and `pathway`: those that are chosen. `wanted` variables must be filled."""

    agents: Sequence[Agent]
    pathways: Sequence[Pathway]
    agent: Agent | None
    pathway: Pathway | None
    wanted: Sequence[str]
    optional: Sequence[str]

    @property
    def own_pathway(self) -> str:
        """The name of the agent's own pathway."""
        if self.agent is None or self.agent.pathway_id is None:
            return ""
        named = {one.pathway_id: one.name for one in self.pathways}
        return named.get(self.agent.pathway_id, "")


async def options_of(uses: Services, account: Account, form: CallForm) -> FormOptions:
    """For what is chosen so far."""
    async with uses.db.browse() as session:
        offered, _ = await agents.page(session, account.account_id, 0, _OFFERED)
        known, _ = await pathways.page(session, account.account_id, 0, _OFFERED)
        agent = await agents.get(session, account.account_id, form.agent) if form.agent else None
        if agent is None and len(offered) == 1:
            agent = offered[0]
        meant = form.pathway or (agent.pathway_id if agent else None)
        pathway = await pathways.get(session, account.account_id, meant) if meant else None
    wanted, optional = _variables(pathway, agent, form)
    return FormOptions(offered, known, agent, pathway, wanted, optional)


def _variables(
    pathway: Pathway | None, agent: Agent | None, form: CallForm
) -> tuple[list[str], list[str]]:
    told = blanks.variables(pathway.definition if pathway else None, _voicemail(agent, form))
    return sorted(told.wanted), sorted((told.used | form.context.keys()) - told.wanted)


def _voicemail(agent: Agent | None, form: CallForm) -> Mapping[str, object] | None:
    if form.voicemail:
        return {"action": form.voicemail, "message": form.message}
    return agent.voicemail_spec if agent else None
