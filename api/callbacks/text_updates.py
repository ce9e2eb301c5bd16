"""What the carrier tells of texts that campaigns sent."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.campaigns.texts import OPTED_OUT
from storage.calls import calls
from storage.compliance.opt_out import OPT_OUT_SOURCE, opt_out
from storage.follow_ups import texts
from storage.number_hash import ERASED
from storage.tables import Call
from telephony.events import TextEvent


class UnknownText(Exception):
    """No text of ours, or none of who signed for it."""


async def told(
    session: AsyncSession, text_id: str, event: TextEvent, now: datetime
) -> tuple[str, ...]:
    """Notes how far a text is; who has opted out at the carrier is not called any more either.

    Gives the calls that are to decide again. Raises UnknownText.
    """
    row = await texts.load(session, text_id)
    call = None if row is None else await calls.lock(session, row.call_id)
    text = await texts.load(session, text_id)
    signers = event.signed_by
    if call is None or text is None:
        raise UnknownText(text_id)
    if signers is not None and text.account_id not in signers.values():
        raise UnknownText(text_id)
    is_news = texts.note_delivery(session, text, event.sid, event.status, event.error_code)
    return await _stopped(session, call, event, now) if is_news else ()


async def _stopped(
    session: AsyncSession, call: Call, event: TextEvent, now: datetime
) -> tuple[str, ...]:
    if event.error_code != OPTED_OUT or call.endpoint.startswith(ERASED):
        return ()
    done = await opt_out(session, call.account_id, call.endpoint, OPT_OUT_SOURCE, now)
    return done.call_ids
