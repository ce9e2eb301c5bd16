"""What the contacts of a campaign have to bring along, so that nobody hears a blank."""

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.pathways import blanks
from policy.pathways.row_demands import RowDemands
from storage.accounts import accounts, pathways
from storage.tables import Agent, Campaign


async def demands_of(session: AsyncSession, campaign: Campaign, agent: Agent | None) -> RowDemands:
    """The variables that the campaign does not fill for all its calls, and what else is asked."""
    pathway_id = campaign.pathway_id or (agent.pathway_id if agent else None)
    pathway = pathway_id and await pathways.get(session, campaign.account_id, pathway_id)
    defaults = campaign.defaults_spec
    voicemail = defaults.get("voicemail") or (agent.voicemail_spec if agent else None)
    definition = pathway.definition if pathway else {}
    variables = blanks.variables(definition, voicemail, defaults.get("context") or {})
    account = await accounts.get(session, campaign.account_id)
    return RowDemands(variables, account.extensions) if account else RowDemands(variables)
