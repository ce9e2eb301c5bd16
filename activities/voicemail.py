"""What to do when a machine answers."""

from temporalio import activity

from contracts.calls import AttemptRef
from policy.call import VoicemailAction
from policy.pathway import render_text
from storage import attempts, calls
from storage.engine import Database
from storage.specs import voicemail_action
from storage.tables import Attempt, Call
from telephony.errors import NotLive
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
        if call is None or attempt is None or attempt.carrier_sid is None:
            return
        message = _message(call)
        try:
            if message is None:
                await self._carrier.hang_up(attempt.carrier_sid)
            else:
                await self._carrier.play(attempt.carrier_sid, voicemail_message(message))
            left = message is not None
        except NotLive:
            left = False  # The machine hung up first: a normal race.
        await self._note(attempt, left)

    async def _note(self, attempt: Attempt, left: bool) -> None:
        async with self._db.write() as session:
            row = await attempts.reload(session, attempt)
            row.message_left = left
            session.add(row)


def _message(call: Call) -> str | None:
    if voicemail_action(call.voicemail_spec) is not VoicemailAction.LEAVE_MESSAGE:
        return None
    text: str = call.voicemail_spec.get("message") or ""
    return render_text(text, call.context) or None
