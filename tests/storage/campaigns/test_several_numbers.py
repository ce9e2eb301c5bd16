"""A contact with several numbers becomes a call with all of them."""

from datetime import UTC, datetime

from storage.campaigns.call_from_contact import call_of
from storage.tables import Agent, Campaign, Contact

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
HONOLULU = "Pacific/Honolulu"
CONSENT = {"tier": "express", "method": "web form"}


def test_what_a_campaign_and_a_row_say_is_of_all_numbers_of_the_person():
    agent = Agent(account_id="a", name="Ada", caller_ids=["+12125550100"])
    campaign = Campaign(
        account_id="a",
        agent_id=agent.agent_id,
        name="Autumn",
        timezone="UTC",
        defaults_spec={"consent": CONSENT, "recipient": {"country": "US"}},
    )
    contact = Contact(
        campaign_id=campaign.campaign_id,
        row_number=1,
        endpoint="+12025550123",
        timezone="America/Chicago",
        numbers_spec=[
            {"endpoint": "+12025550123", "kind": "phone"},
            {"endpoint": "+12025550124", "kind": "phone", "type": "home"},
            {"endpoint": "+18085550125", "kind": "phone", "recipient": {"timezone": HONOLULU}},
        ],
    )
    call = call_of(campaign, contact, agent, NOW)
    place = {"country": "US", "timezone": "America/Chicago"}
    assert call.numbers_spec == [
        {"recipient": place, "consent": CONSENT, "endpoint": "+12025550123", "kind": "phone"},
        {
            "recipient": place,
            "consent": CONSENT,
            "endpoint": "+12025550124",
            "kind": "phone",
            "type": "home",
        },
        {
            "recipient": {"country": "US", "timezone": HONOLULU},
            "consent": CONSENT,
            "endpoint": "+18085550125",
            "kind": "phone",
        },
    ]


def test_a_contact_with_one_number_becomes_a_call_with_one():
    agent = Agent(account_id="a", name="Ada", caller_ids=["+12125550100"])
    campaign = Campaign(account_id="a", agent_id=agent.agent_id, name="Autumn", timezone="UTC")
    contact = Contact(campaign_id=campaign.campaign_id, row_number=1, endpoint="+12025550123")
    assert call_of(campaign, contact, agent, NOW).numbers_spec is None
