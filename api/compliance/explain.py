"""May this person be called, when next, and why: asked without a call."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from api.compliance.rule_schemas import CandidateZoneView, Explanation, FindingView
from api.http.deps import Services
from api.http.problems import invalid
from policy.calls.decide import decide
from policy.calls.decision_changes import LOOKS_AGAIN
from policy.calls.ends import versions
from policy.calls.number_choice import NUMBER
from policy.compliance.compliance import may_dial
from policy.compliance.evidence import Evidence, Finding, evidence
from policy.compliance.number_checks import demand_of
from policy.facts import Facts
from policy.location.recipient_location import zone_sources
from policy.model.call import Decision, DecisionKind, EndpointKind
from policy.model.person import Consent, Scope
from policy.model.purposes import ConsentTier, Purpose
from policy.rules.book import RuleBook
from policy.rules.model import Rule
from policy.rules.rule_text import describe
from storage.accounts import agents, pathways
from storage.facts import daypart_rates
from storage.tables import Account


@dataclass(frozen=True, slots=True)
class HypotheticalCall:
    """A call that might be made."""

    endpoint: str
    endpoint_kind: EndpointKind
    agent_id: str
    at: datetime
    purpose: Purpose | None = None
    timezone: str | None = None
    country: str | None = None
    postal_code: str | None = None
    subject: str | None = None
    recording: bool | None = None
    #: How far the consent goes that the call's request would state.
    consent: ConsentTier | None = None

    @property
    def stated(self) -> Consent | None:
        if self.consent is None:
            return None
        return Consent("call", self.consent, Scope(), self.at)


async def explain(uses: Services, account: Account, asked: HypotheticalCall) -> Explanation:
    """What policy would say of such a call at that time, with every rule it looks at."""
    facts = await _facts(uses, account, asked)
    clearance = may_dial(facts, asked.at)
    proof = evidence(facts, asked.at)
    decision = decide(facts, asked.at)
    is_now = decision.kind is DecisionKind.DIAL
    return Explanation(
        at=asked.at,
        permitted=decision.kind is not DecisionKind.END,
        now=is_now,
        next_at=asked.at if is_now else _known_time(decision),
        reason=str(decision.reason),
        detail=_allowed(decision) if is_now else decision.detail,
        timezones=list(clearance.zones),
        zones=_zones(facts),
        jurisdictions=list(clearance.jurisdictions),
        notices=_notices(proof),
        rules=_findings(proof.findings, facts.book),
        versions=list(versions(facts)),
    )


def _allowed(decision: Decision) -> str:
    """Nothing is dialed here, of which the decision would tell; until when it may be, it says."""
    until = decision.detail.partition("; ")[2]
    return f"The rules, the agent's hours and what is on file allow it; {until}"


def _known_time(decision: Decision) -> datetime | None:
    """None where a decision only knows when to look again."""
    return None if decision.reason in LOOKS_AGAIN else decision.until


async def _facts(uses: Services, account: Account, asked: HypotheticalCall) -> Facts:
    async with uses.db.read() as session:
        agent = await agents.get(session, account.account_id, asked.agent_id)
        if agent is None:
            raise invalid("unknown_agent", "agentId", "There is no such agent.")
        spoken = agent.pathway_id
        pathway = spoken and await pathways.get(session, account.account_id, spoken)
        book = await uses.gatherer.book_of(session, account)
        people = await uses.gatherer.people(
            session, account.account_id, [asked.endpoint], book, asked.at
        )
        known = uses.gatherer.of_agent(agent, account, book, pathway or None, asked.purpose)
        known = await daypart_rates.told_best_times(session, account.account_id, known, uses.now())
    return replace(
        known,
        endpoint=asked.endpoint,
        endpoint_kind=asked.endpoint_kind,
        recipient_zone=asked.timezone,
        recipient_country=asked.country,
        recipient_postal_code=asked.postal_code,
        ring_timeout=agent.ring_timeout,
        recorded=agent.recording if asked.recording is None else asked.recording,
        subject=asked.subject,
        stated_consent=asked.stated,
        person=people.of(asked.endpoint),
    )


def _zones(facts: Facts) -> list[CandidateZoneView]:
    return [
        CandidateZoneView(zone=zone, source=source) for zone, source in zone_sources(facts).items()
    ]


def _notices(proof: Evidence) -> dict[str, str]:
    return {notice.value: rule for notice, rule in proof.notices.items()}


def _findings(found: Sequence[Finding], book: RuleBook) -> list[FindingView]:
    return [finding_view(one.rule, one.verdict, one.detail, book.rule(one.rule)) for one in found]


def _demand(rule_id: str) -> str:
    if rule_id.startswith(NUMBER):
        return "One of the person's numbers, in their order"
    return demand_of(rule_id)


def finding_view(rule_id: str, verdict: str, detail: str, rule: Rule | None) -> FindingView:
    """A finding with the rule in words, if it is known."""
    return FindingView(
        rule=rule_id,
        verdict=verdict,
        detail=detail,
        demands=describe(rule) if rule else _demand(rule_id),
        source=rule.source if rule else "",
        confidence=rule.confidence if rule else None,
    )
