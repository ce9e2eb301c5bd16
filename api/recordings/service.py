"""A call's recordings: which there are, and their sound, passed on from the carrier as it comes."""

import re
from collections.abc import Sequence

import structlog
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.calls import commands
from api.http.deps import Services
from api.http.problems import RETRY_AFTER, Problem, away, not_found
from storage.attempts import attempts, recording_removals
from storage.tables import Attempt
from telephony.errors import Ambiguous, CarrierError, NoRecording, NoSuchPart, Unreachable
from telephony.port import Audio

log = structlog.get_logger("trunkline.api")

#: One range of bytes; what else a Range may say is left out, and the whole is sent.
_PART = re.compile(r"bytes=(\d+-\d*|-\d+)")
#: Nobody on the way may keep what was said, or take it for something else.
_PRIVATE = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


class RecordingStream(StreamingResponse):
    """A recording on its way. The carrier's connection is given back, however this ends."""

    def __init__(self, audio: Audio) -> None:
        super().__init__(audio.chunks, audio.status, {**audio.headers, **_PRIVATE})
        self._audio = audio

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except CarrierError as error:
            # The head is out already: all that is left is to break off, too.
            log.warning("recording.broke_off", error=str(error))
            raise
        finally:
            await self._audio.close()


async def of_call(uses: Services, account_id: str, call_id: str) -> Sequence[Attempt]:
    """The attempts that have one, in their order; raises a 404 Problem for an unknown call."""
    async with uses.db.read() as session:
        await commands.found(session, account_id, call_id)
        ledger = await attempts.of_call(session, call_id)
    return [attempt for attempt in ledger if attempt.recording_sid is not None]


async def sound(
    uses: Services, account_id: str, call_id: str, number: int, wanted: str | None
) -> RecordingStream:
    """The sound of one attempt's recording; raises a Problem where there is none to be had."""
    sid, account = await _located(uses, account_id, call_id, number)
    part = wanted if wanted and _PART.fullmatch(wanted) else None
    try:
        source = uses.recordings if account is None else await uses.recordings_at.of(account)
        return RecordingStream(await source.open(sid, part))
    except NoRecording:
        raise not_found("recording") from None
    except NoSuchPart:
        raise Problem(416, "bad_range", "The recording ends before this range.") from None
    except (Unreachable, Ambiguous):
        raise away("carrier") from None
    except CarrierError as error:
        log.warning("recording.carrier", call_id=call_id, error=str(error))
        detail = "The carrier did not hand out the recording."
        raise Problem(502, "carrier_failed", detail, headers=RETRY_AFTER) from None


async def _located(
    uses: Services, account_id: str, call_id: str, number: int
) -> tuple[str, str | None]:
    """The sid, and at which account at the carrier it is; None: the installation's own."""
    async with uses.db.read() as session:
        call = await commands.found(session, account_id, call_id)
        attempt = await attempts.get(session, call_id, number)
    if attempt is None:
        raise not_found("attempt")
    if attempt.recording_sid is not None:
        return attempt.recording_sid, attempt.carrier_account_id
    if recording_removals.is_forgotten(call, attempt):
        raise Problem(410, "removed", "What was said in this call has been removed.")
    raise not_found("recording")
