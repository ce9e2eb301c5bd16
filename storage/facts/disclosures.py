"""What an agent and a pathway can say at the beginning of a call."""

from policy.compliance.disclosures import Identity
from policy.model.purposes import Notice
from policy.pathways.pathway import leaves_opt_out_key
from storage.tables import Agent, Pathway


def identity_of(agent: Agent) -> Identity:
    """Who calls, as people are told."""
    spec = agent.identity_spec or {}
    return Identity(
        name=spec.get("name") or "",
        callback_number=spec.get("callbackNumber") or "",
        words={Notice(name): text for name, text in (spec.get("words") or {}).items()},
        **({"goodbye": spec["goodbye"]} if spec.get("goodbye") else {}),
    )


def can_say(agent: Agent, pathway: Pathway | None) -> frozenset[Notice]:
    """The notices that a call of this agent on this pathway can give."""
    identity = identity_of(agent)
    able = {notice for notice in Notice if identity.says(notice)}
    if pathway is None or not leaves_opt_out_key(pathway.kind, pathway.definition):
        able.discard(Notice.OPT_OUT)
    return frozenset(able)
