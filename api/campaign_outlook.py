"""What a look ahead needs to know: how fast a campaign can be, and the facts of a call to be."""

from datetime import datetime

from api.acceptance import heeding
from api.deps import Services
from policy.call import Facts
from policy.campaigns import Pace
from storage import campaigns
from storage.facts import facts_for_new
from storage.intake import call_of
from storage.tables import Account, Agent, Campaign, Contact

#: Until enough calls have ended to know better, and what dialing and ringing take besides.
_USUAL_SECONDS, _RINGING_SECONDS = 60.0, 15.0
_ENOUGH_ENDED = 20


def pace_of(
    account: Account, campaign: Campaign, agent: Agent, stands: campaigns.Progress | None = None
) -> Pace:
    slots = (campaign.max_concurrent, agent.max_concurrent, account.max_concurrent)
    paces = (campaign.calls_per_minute, agent.calls_per_minute, account.calls_per_minute)
    ended = sum(stands.outcomes.values()) if stands else 0
    known = stands is not None and ended >= _ENOUGH_ENDED
    seconds = stands.average_seconds if known and stands else None
    return Pace(
        slots=min(cap for cap in slots if cap is not None),
        calls_per_minute=min(cap for cap in paces if cap is not None),
        seconds_per_dial=(_USUAL_SECONDS if seconds is None else seconds) + _RINGING_SECONDS,
        dials_per_call=max(1.0, stands.attempts / ended) if known and stands else 1.0,
    )


def facts_of(
    uses: Services,
    account: Account,
    campaign: Campaign,
    agent: Agent,
    contact: Contact,
    now: datetime,
) -> Facts:
    """What policy would see of the call that the contact becomes."""
    call = call_of(campaign, contact, agent, now)
    return heeding(facts_for_new(call, agent, account), uses.settings.waives_calling_hours)
