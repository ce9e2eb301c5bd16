"""What a look ahead needs to know: how fast a campaign can be, and the facts of a call to be."""

from collections.abc import Collection, Hashable
from dataclasses import dataclass, fields, replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from api.http.deps import Services
from api.http.problems import refused
from policy.accounts.pricing import rates_of
from policy.calls.acceptance import alike, unfit_refusal
from policy.campaigns.campaigns import CallRate
from policy.campaigns.goals import goal_of
from policy.campaigns.outline import outline
from policy.campaigns.splits import split_of
from policy.facts import Facts, NumberFacts
from policy.model.person import Person
from storage.accounts import pathways
from storage.campaigns import campaigns, contacts
from storage.campaigns.call_from_contact import call_of, purpose_of
from storage.campaigns.contacts import StagedContact
from storage.contact_numbers import numbers_of
from storage.facts import daypart_rates
from storage.facts.caller_id import caller_id_of
from storage.facts.gather import PersonRecords, facts_of
from storage.follow_ups.step_specs import steps_of
from storage.tables import Account, Agent, Campaign, Contact, JsonObject, Pathway

#: Until enough calls have ended to know better, and what dialing and ringing take besides.
_USUAL_SECONDS, _RINGING_SECONDS = 60.0, 15.0
_ENOUGH_ENDED = 20


def call_rate_of(
    account: Account,
    campaign: Campaign,
    agent: Agent,
    stands: campaigns.CampaignProgress | None = None,
) -> CallRate:
    slots = (campaign.max_concurrent, agent.max_concurrent, account.max_concurrent)
    paces = (campaign.calls_per_minute, agent.calls_per_minute, account.calls_per_minute)
    ended = sum(stands.outcomes.values()) if stands else 0
    known = stands is not None and ended >= _ENOUGH_ENDED
    seconds = stands.average_seconds if known and stands else None
    return CallRate(
        slots=min(cap for cap in slots if cap is not None),
        calls_per_minute=min(cap for cap in paces if cap is not None),
        seconds_per_dial=(_USUAL_SECONDS if seconds is None else seconds) + _RINGING_SECONDS,
        dials_per_call=max(1.0, stands.attempts / ended) if known and stands else 1.0,
    )


@dataclass(frozen=True, slots=True)
class Prospect:
    """The calls that a campaign's contacts would become now."""

    campaign: Campaign
    agent: Agent
    known: Facts
    people: PersonRecords
    now: datetime

    def own_facts(self, contact: StagedContact) -> JsonObject:
        """What a contact's call would not have in common with the others."""
        return {
            "endpoint": contact.endpoint,
            "endpoint_kind": contact.endpoint_kind,
            "recipient_zone": contact.timezone or self.known.recipient_zone,
            "recipient_country": self.known.recipient_country,
            "recipient_postal_code": self.known.recipient_postal_code,
        }

    def alike(self, contact: StagedContact) -> Hashable:
        """The same for contacts whose calls policy cannot tell apart."""
        if contact.numbers_spec is not None:
            return tuple(map(self._alike_at, self.facts(contact).numbers))
        return alike(self.own_facts(contact), self.person(contact), self.known.book)

    def _alike_at(self, number: NumberFacts) -> Hashable:
        names = (one.name for one in fields(number) if one.name != "person")
        said = {name: getattr(number, name) for name in names}
        return alike(said, number.person, self.known.book)

    def person(self, contact: StagedContact) -> Person:
        return self.people.of(contact.endpoint)

    def facts(self, contact: StagedContact) -> Facts:
        """What policy would see of a contact's call."""
        facts = replace(self.known, person=self.person(contact), **self.own_facts(contact))
        if contact.numbers_spec is None:
            return facts
        call = call_of(self.campaign, _row_of(self.campaign, contact), self.agent, self.now)
        row = {**call.__dict__}
        if not self.campaign.defaults_spec.get("callerId"):
            row["caller_id"] = caller_id_of(row, self.agent, self.known, self.now)
        return self.people.at_numbers_of(facts, row, self.agent, self.now)


def _row_of(campaign: Campaign, contact: StagedContact) -> Contact:
    said = {one.name: getattr(contact, one.name) for one in fields(contact)}
    return Contact(campaign_id=campaign.campaign_id, **said)


async def prospect_of(
    session: AsyncSession,
    uses: Services,
    account: Account,
    campaign: Campaign,
    agent: Agent,
    some: Collection[StagedContact],
    now: datetime,
    *,
    pathway: Pathway | None = None,
) -> Prospect:
    """Looks up what is the same for all contacts, and what is on file about these people.

    `pathway`: the campaign's, if the caller has it already.
    """
    pathway_id = campaign.pathway_id or agent.pathway_id
    if pathway is None and pathway_id:
        pathway = await pathways.get(session, account.account_id, pathway_id)
    book = await uses.gatherer.book_of(session, account)
    endpoints = {one for contact in some for one in numbers_of(contact)}
    people = await uses.gatherer.people(session, account.account_id, endpoints, book, now)
    of_agent = uses.gatherer.of_agent(agent, account, book, pathway, purpose_of(campaign))
    of_agent = await daypart_rates.told_best_times(session, account.account_id, of_agent, now)
    anybody = call_of(
        campaign, Contact(campaign_id=campaign.campaign_id, row_number=0, endpoint=""), agent, now
    )
    known = facts_of(of_agent, anybody, people.stranger)
    said = campaign.defaults_spec.get("callerId")
    known = replace(known, caller_ids=(said,) if said else of_agent.caller_ids)
    return Prospect(campaign, agent, known, people, now)


async def outline_of(
    session: AsyncSession, account: Account, campaign: Campaign, agent: Agent, now: datetime
) -> list[str]:
    """What its goal, variants, steps and best times will do to a campaign, in sentences."""
    return list(
        outline(
            goal_of(campaign.goal_spec),
            split_of(campaign.split_spec),
            steps_of(campaign.steps_spec) if campaign.steps_spec else None,
            await daypart_rates.best_times_of(session, agent, now),
            rates_of(account.rates).currency,
        )
    )


async def require_fit(
    session: AsyncSession,
    uses: Services,
    account: Account,
    campaign: Campaign,
    agent: Agent,
    pathway: Pathway,
) -> None:
    """Refuses a campaign whose agent or pathway cannot do what a rule asks for, of anybody.

    Its contacts would become invalid one after the other, all for the same reason.
    """
    now = uses.now()
    some = await contacts.of_each_place(session, campaign.campaign_id)
    ahead = await prospect_of(session, uses, account, campaign, agent, (), now, pathway=pathway)
    for contact in some:
        found = [unfit_refusal(one, now) for one in ahead.facts(contact).at_each]
        if None not in found and (refusal := found[0]) is not None:
            raise refused([refusal])
