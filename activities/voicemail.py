"""What to do when a machine answers."""

from temporalio import activity

from contracts.calls import AttemptRef
from policy.call import VoicemailAction
from policy.pathway import render_text
from storage import attempts, calls
from storage.engine import Database
from storage.specs import voicemail_action
from storage.tables import Attempt, Call
from telephony.errors import Ambiguous, NotLive, Rejected, RejectedClass
from telephony.port import Carrier
from telephony.twiml import voicemail_message


class Voicemail:
    def __init__(self, db: Database, carrier: Carrier) -> None:
        self._db = db
        self._carrier = carrier

    @activity.defn
    async def handle_voicemail(self, ref: AttemptRef) -> None:
        async with self._db.read() as session:
            call = await calls.load(session, ref.call_id)
            attempt = await attempts.get(session, ref.call_id, ref.attempt_number)
        if call is None or attempt is None or not attempts.awaits_voicemail(attempt):
            return
        assert attempt.carrier_sid is not None
        await self._note(attempt, await self._deal_with(attempt.carrier_sid, _message(call)))

    async def _deal_with(self, sid: str, message: str | None) -> bool:
        """Whether the message was left. Raises only where another try is sure to be harmless."""
        try:
            if message is None:
                await self._carrier.hang_up(sid)
                return False
            await self._carrier.play(sid, voicemail_message(message))
            return True
        except NotLive:
            return False  # The machine hung up first: a normal race.
        except Ambiguous:
            if message is None:
                raise
            return False  # It may be playing: another try would start it over.
        except Rejected as error:
            if error.reason is RejectedClass.THROTTLED:
                raise
            return False

    async def _note(self, attempt: Attempt, left: bool) -> None:
        async with self._db.write() as session:
            row = await attempts.reload(session, attempt)
            row.message_left = row.message_left or left
            session.add(row)


def _message(call: Call) -> str | None:
    if voicemail_action(call.voicemail_spec) is not VoicemailAction.LEAVE_MESSAGE:
        return None
    text: str = call.voicemail_spec.get("message") or ""
    return render_text(text, call.context) or None
