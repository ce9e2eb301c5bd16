"""What the forms of a campaign offer: agents, pathways, and what the chosen pathway says."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.http.deps import Services
from dashboard.campaigns.campaign_form import CampaignForm
from policy.location.endpoints import country_of
from policy.model.call import EndpointKind
from policy.pathways import blanks
from policy.pathways.blanks import Variables
from storage.accounts import agents, pathways
from storage.tables import Account, Agent, Pathway

_OFFERED = 500


@dataclass(frozen=True, slots=True)
class CampaignOptions:
    """What the form offers, and what is chosen of it."""

    agents: Sequence[Agent]
    pathways: Sequence[Pathway]
    agent: Agent | None
    pathway: Pathway | None

    @property
    def variables(self) -> Variables:
        """What the calls say of each person."""
        spec = self.agent.voicemail_spec if self.agent else None
        return blanks.variables(self.pathway.definition if self.pathway else None, spec)

    @property
    def country(self) -> str:
        """Where the agent's own numbers are, if all are in one country."""
        ids = self.agent.caller_ids if self.agent else []
        found = {country_of(one, EndpointKind.PHONE) for one in ids}
        return next(iter(found)) or "" if len(found) == 1 else ""


async def options_of(uses: Services, account: Account, form: CampaignForm) -> CampaignOptions:
    """Agents and pathways of the account."""
    async with uses.db.browse() as session:
        offered, _ = await agents.page(session, account.account_id, 0, _OFFERED)
        known, _ = await pathways.page(session, account.account_id, 0, _OFFERED)
    chosen = {one.agent_id: one for one in offered}.get(form.agent)
    agent = chosen or (offered[0] if len(offered) == 1 else None)
    meant = form.pathway or (agent.pathway_id if agent else None)
    pathway = {one.pathway_id: one for one in known}.get(meant or "")
    return CampaignOptions(offered, known, agent, pathway)
