"""Texts cost what they cost, pause what they show to be wrong, and end agreements that are gone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from activities.clock import utcnow
from activities.follow_ups import text_sender
from policy.model.call import CampaignStatus
from storage.attempts import costs
from storage.campaigns import campaigns
from storage.carriers.credentials import Disabled
from storage.database.engine import Database
from storage.dispatch import dialing_pause
from storage.follow_ups import texts
from storage.tables import Account, Campaign, OutgoingText, Suppression
from telephony.errors import Ambiguous, Rejected, RejectedClass
from telephony.memory.carrier import MemoryCarrier
from tests.activities.test_follow_ups import TO, db, due_text, sender, text_of  # noqa: F401

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: One segment, at the list price.
COST = 8_300
WRONG_TOKEN = Rejected("wrong", reason=RejectedClass.ACCOUNT, code=20003, status=401)
OPTED_OUT = Rejected("opted out", reason=RejectedClass.NUMBER, code=21610, status=400)


class Refusing(MemoryCarrier):
    """A carrier that answers each text with the next of these, then takes them."""

    def __init__(self, *errors: Exception) -> None:
        super().__init__()
        self.errors = list(errors)

    async def send_text(self, request: Any) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return await super().send_text(request)


async def spent(db: Database, campaign: Campaign) -> tuple[int, int]:  # noqa: F811
    async with db.read() as session:
        return (
            await costs.of_account(session, campaign.account_id),
            await costs.of_campaign(session, campaign.account_id, campaign.campaign_id),
        )


async def account_of(db: Database, campaign: Campaign) -> Account:  # noqa: F811
    async with db.read() as session:
        found = await session.get(Account, campaign.account_id)
    assert found is not None
    return found


async def limited(db: Database, row: Campaign | Account, limit: int) -> None:  # noqa: F811
    key = row.campaign_id if isinstance(row, Campaign) else row.account_id
    async with db.write() as session:
        found = await session.get(type(row), key)
        assert found is not None
        found.spend_limit = limit
        session.add(found)


async def test_a_text_counts_towards_what_account_and_campaign_have_spent(
    db: Database,  # noqa: F811
) -> None:
    campaign = await due_text(db)
    await sender(db, MemoryCarrier()).turn()
    assert (await text_of(db)).cost == COST
    assert await spent(db, campaign) == (COST, COST)


@pytest.mark.parametrize(
    ("error", "counted"),
    [
        (Rejected("no", reason=RejectedClass.NUMBER, code=21211), 0),
        (Rejected("busy", reason=RejectedClass.THROTTLED, code=20429), 0),
        # Nobody knows whether it was taken: it is paid for until the bill says otherwise.
        (Ambiguous("reset"), COST),
    ],
)
async def test_what_was_surely_not_sent_costs_nothing(
    db: Database,  # noqa: F811
    error: Exception,
    counted: int,
) -> None:
    campaign = await due_text(db)
    await sender(db, Refusing(error)).turn()
    assert await spent(db, campaign) == (counted, counted)


@pytest.mark.parametrize("whose", ["account", "campaign"])
async def test_no_text_is_sent_beyond_a_spend_limit(
    db: Database,  # noqa: F811
    whose: str,
) -> None:
    campaign = await due_text(db)
    await limited(db, campaign if whose == "campaign" else await account_of(db, campaign), 0)
    carrier = MemoryCarrier()
    await sender(db, carrier).turn()
    text = await text_of(db)
    assert (text.state, text.reason, carrier.texts) == ("due", "spend_limit", [])


async def test_a_wrong_token_pauses_the_account_and_one_text_tries_when_it_is_time(
    db: Database,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    campaign = await due_text(db)
    carrier = Refusing(WRONG_TOKEN, WRONG_TOKEN)
    await sender(db, carrier).turn()
    account = await account_of(db, campaign)
    assert account.paused_since is not None
    assert (await text_of(db)).reason == "carrier_away"
    assert account.probe_at is not None
    first_probe = account.probe_at
    # A minute later it is not time yet.
    monkeypatch.setattr(text_sender, "utcnow", lambda: utcnow() + timedelta(minutes=1, seconds=1))
    if first_probe > utcnow() + timedelta(minutes=1, seconds=1):
        await sender(db, carrier).turn()
        assert (await text_of(db)).reason == "dialing_paused"
    monkeypatch.setattr(text_sender, "utcnow", lambda: first_probe + timedelta(minutes=3))
    await sender(db, carrier).turn()
    assert carrier.errors == []
    account = await account_of(db, campaign)
    assert account.probe_at is not None
    assert account.probe_at > first_probe
    last_probe = account.probe_at
    monkeypatch.setattr(text_sender, "utcnow", lambda: last_probe + timedelta(minutes=3))
    await sender(db, carrier).turn()
    assert len(carrier.texts) == 1
    assert (await account_of(db, campaign)).paused_since is None


async def test_who_opted_out_at_the_carrier_is_not_called_either(
    db: Database,  # noqa: F811
) -> None:
    await due_text(db)
    await sender(db, Refusing(OPTED_OUT)).turn()
    assert (await text_of(db)).state == "refused"
    async with db.read() as session:
        entry = (await session.exec(select(Suppression))).one()
    assert (entry.endpoint, entry.source) == (TO, "carrier_opt_out")


class Telling(MemoryCarrier):
    """A carrier whose answer is lost, after it has told at the callback that it took the text."""

    def __init__(self, db: Database) -> None:  # noqa: F811
        super().__init__()
        self.db = db

    async def send_text(self, request: Any) -> str:
        async with self.db.write() as session:
            text = (await session.exec(select(OutgoingText))).one()
            assert texts.note_delivery(session, text, "SM" + "7" * 32, "sent", None)
        raise Ambiguous("read time-out")


async def test_what_the_carrier_told_of_a_text_stays_when_its_answer_is_lost(
    db: Database,  # noqa: F811
) -> None:
    await due_text(db)
    await sender(db, Telling(db)).turn()
    text = await text_of(db)
    assert (text.state, text.sid, text.delivery) == ("sent", "SM" + "7" * 32, "sent")


async def test_while_one_text_tries_nothing_else_of_a_paused_account_does(
    db: Database,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    campaign = await due_text(db)
    await sender(db, Refusing(WRONG_TOKEN)).turn()
    account = await account_of(db, campaign)
    assert account.probe_at is not None
    left = []

    class Looking(MemoryCarrier):
        async def send_text(self, request: Any) -> str:
            async with db.read() as session:
                account = await session.get(Account, campaign.account_id)
                assert account is not None
                left.append(await dialing_pause.probes_left(session, account, due))
            return await super().send_text(request)

    due = account.probe_at + timedelta(minutes=3)
    monkeypatch.setattr(text_sender, "utcnow", lambda: due)
    await sender(db, Looking()).turn()
    assert left == [0]
    assert (await account_of(db, campaign)).paused_since is None


async def test_the_carrier_is_told_where_to_say_what_became_of_a_text(
    db: Database,  # noqa: F811
) -> None:
    await due_text(db)
    carrier = MemoryCarrier()
    await sender(db, carrier).turn()
    address = f"https://calls.example.test/twilio/texts/{(await text_of(db)).text_id}"
    assert carrier.texts[0].status_url == address


async def test_a_text_from_a_disabled_account_at_the_carrier_rests_until_that_is_enabled(
    db: Database,  # noqa: F811
):
    class Book:
        is_disabled = True

        async def for_dial(self, *_: Any) -> str | None:
            if self.is_disabled:
                raise Disabled
            return None

    campaign, carrier, book = await due_text(db), MemoryCarrier(), Book()
    texting = replace(sender(db, carrier), book=book)  # type: ignore[arg-type]
    await texting.turn()
    text = await text_of(db)
    assert (text.state, text.reason) == ("due", "caller_id_barred")
    assert text.due_at > utcnow() + timedelta(hours=1)
    book.is_disabled = False
    await texting.turn()
    assert carrier.texts == []
    async with db.write() as session:
        await texts.hurry(session, campaign.account_id, "caller_id_barred", utcnow())
    await texting.turn()
    assert len(carrier.texts) == 1


async def test_a_text_of_a_paused_campaign_goes_as_soon_as_that_is_resumed(
    db: Database,  # noqa: F811
):
    campaign, carrier = await due_text(db), MemoryCarrier()

    async def become(status: CampaignStatus) -> None:
        async with db.write() as session:
            await campaigns.set_status(session, campaign, status, utcnow())

    await become(CampaignStatus.PAUSED)
    await sender(db, carrier).turn()
    await become(CampaignStatus.RUNNING)
    await sender(db, carrier).turn()
    assert len(carrier.texts) == 1
