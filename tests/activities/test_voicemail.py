"""What a machine is told: who calls, then the message."""

from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.clock import utcnow
from activities.dials.voicemail import VoicemailActivities
from api.callbacks import attempt_updates
from policy.model.purposes import Notice
from storage.attempts import attempts
from storage.tables import Call
from telephony.events import CarrierEvent
from telephony.memory.carrier import MemoryCarrier
from tests.activities.conftest import Desk
from tests.storage import make

SID = "CA" + "1" * 32


class Machine(MemoryCarrier):
    """Notes what is played to it, and whether it is hung up on."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str | None] = []

    async def play(self, sid: str, twiml: str) -> None:
        self.heard.append(twiml)

    async def hang_up(self, sid: str) -> None:
        self.heard.append(None)


async def heard(
    desk: Desk, voicemail: Any, notices: dict[Notice, str], *, person: bool = False
) -> list[str | None]:
    carrier = Machine()
    async with desk.db.write() as session:
        call = await session.get(Call, desk.call.call_id)
        assert call is not None
        call.voicemail_spec, call.context = voicemail, {"name": "Ada"}
        attempt = await make.intent(session, call, 1, utcnow(), notices=notices)
        await attempts.begin_sending(session, attempt, utcnow())
        beep = CarrierEvent(SID, answered_by="machine_end_beep")
        await attempt_updates.verdict(session, attempt.token, beep, utcnow())
        if person:
            await attempts.note_person(session, attempt, utcnow())
    voicemails = VoicemailActivities(desk.db, carrier)
    await ActivityEnvironment().run(voicemails.handle_voicemail, desk.ref)
    return carrier.heard


LEAVES = {"action": "leave_message", "message": "Hello {{name}}, call us."}
ALL = dict.fromkeys(Notice, "us.federal.identity")


@pytest.mark.parametrize(
    ("notices", "said"),
    [
        (
            ALL,
            "This is Blue Clinic. You are speaking with an automated assistant. "
            "You can reach us at 1 2 1 2 5 5 5 0 1 0 0. Hello Ada, call us.",
        ),
        ({Notice.AI: "eu.ai"}, "You are speaking with an automated assistant. Hello Ada, call us."),
        ({Notice.OPT_OUT: "us.federal.opt_out"}, "Hello Ada, call us."),
        ({}, "Hello Ada, call us."),
    ],
)
async def test_a_message_begins_with_what_a_machine_has_to_be_told(
    desk: Desk, notices: dict[Notice, str], said: str
):
    [twiml] = await heard(desk, LEAVES, notices)
    assert twiml is not None
    assert f"<Say>{said}</Say><Hangup />" in twiml


@pytest.mark.parametrize("voicemail", [{"action": "hang_up"}, {"action": "retry_later"}])
async def test_where_no_message_is_left_the_machine_is_hung_up_on(
    desk: Desk, voicemail: dict[str, str]
):
    assert await heard(desk, voicemail, ALL) == [None]


async def test_a_person_who_was_heard_after_the_verdict_is_neither_told_it_nor_hung_up_on(
    desk: Desk,
):
    for voicemail in (LEAVES, {"action": "hang_up"}):
        assert await heard(desk, voicemail, ALL, person=True) == []
