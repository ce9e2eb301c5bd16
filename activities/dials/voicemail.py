"""What to do when a machine answers."""

from temporalio import activity

from contracts.calls import AttemptRef
from policy.compliance.disclosures import told_to_machine
from policy.model.call import VoicemailAction
from policy.model.purposes import Notice
from policy.pathways.pathway import render_text
from storage.attempts import attempts
from storage.calls import calls
from storage.database.engine import Database
from storage.facts.disclosures import identity_of
from storage.tables import Agent, Attempt, Call
from storage.tables.specs import voicemail_action
from telephony.errors import Ambiguous, NotLive, Rejected, RejectedClass
from telephony.port import Carrier
from telephony.twiml.documents import say_and_hang_up


class VoicemailActivities:
    def __init__(self, db: Database, carrier: Carrier) -> None:
        self._db = db
        self._carrier = carrier

    @activity.defn
    async def handle_voicemail(self, ref: AttemptRef) -> None:
        async with self._db.read() as session:
            call = await calls.load(session, ref.call_id)
            attempt = await attempts.get(session, ref.call_id, ref.attempt_number)
            agent = None if call is None else await session.get(Agent, call.agent_id)
        if call is None or attempt is None or not attempts.awaits_voicemail(attempt):
            return
        assert attempt.carrier_sid is not None
        message = _message(call, attempt, agent)
        await self._note(attempt, await self._deal_with(attempt.carrier_sid, message))

    async def _deal_with(self, sid: str, message: str | None) -> bool:
        """Whether the message was left. Raises only where another try is sure to be harmless."""
        try:
            if message is None:
                await self._carrier.hang_up(sid)
                return False
            await self._carrier.play(sid, say_and_hang_up(message))
            return True
        except NotLive:
            return False  # The machine hung up first: a normal race.
        except Ambiguous:
            if message is None:
                raise
            return False  # It may be playing: another try would start it over.
        except Rejected as error:
            if error.reason in (RejectedClass.THROTTLED, RejectedClass.ACCOUNT):
                raise
            return False

    async def _note(self, attempt: Attempt, left: bool) -> None:
        async with self._db.write() as session:
            row = await attempts.reload(session, attempt)
            row.message_left = row.message_left or left
            session.add(row)


def _message(call: Call, attempt: Attempt, agent: Agent | None) -> str | None:
    if voicemail_action(call.voicemail_spec) is not VoicemailAction.LEAVE_MESSAGE:
        return None
    text = render_text(call.voicemail_spec.get("message") or "", call.context)
    if agent is None:
        return None
    return told_to_machine(text, map(Notice, attempt.notices), identity_of(agent)) or None
