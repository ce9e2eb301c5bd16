"""Whom a do-not-call entry or a consent is about: a scope must name something that there is."""

from api.compliance.schemas import Scoped
from api.http.deps import Services
from api.http.problems import invalid
from policy.model.person import ScopeKind
from policy.model.purposes import Purpose
from storage.accounts import agents
from storage.campaigns import campaigns
from storage.tables import Account


async def require_known(uses: Services, account: Account, said: Scoped) -> None:
    """Raises a 422 Problem: an entry about nothing would be taken for one that holds."""
    if said.scope is ScopeKind.ALL or said.scope_id is None:
        return
    if said.scope is ScopeKind.PURPOSE:
        if said.scope_id not in set(Purpose):
            raise invalid("unknown_value", "scopeId", f"Must be one of {', '.join(Purpose)}.")
        return
    look = agents.get if said.scope is ScopeKind.AGENT else campaigns.get
    async with uses.db.read() as session:
        found = await look(session, account.account_id, said.scope_id)
    if found is None:
        raise invalid(f"unknown_{said.scope}", "scopeId", f"There is no such {said.scope}.")
