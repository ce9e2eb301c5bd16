"""The dial of a warm transfer's own leg: the mark is committed, then one request is sent."""

import structlog
from temporalio import activity

from activities.clock import utcnow
from activities.dials import leg as legs
from activities.heartbeats import heartbeats
from contracts.calls import TransferRef
from policy.transfers.targets import MissReason
from storage.database.engine import Database
from storage.tables import TransferTarget
from storage.transfers import transfers, warm_transfers
from storage.transfers.warm_transfers import WarmFile
from telephony.errors import Ambiguous, CarrierError, Rejected, Unreachable
from telephony.port import Carrier, DialRequest
from telephony.twilio.callbacks import transfer_urls

log = structlog.get_logger(__name__)


class TargetDialActivities:
    """`public_url`, `fallback_url`: as of a call's dial."""

    def __init__(
        self, db: Database, carrier: Carrier, *, public_url: str, fallback_url: str | None = None
    ) -> None:
        self._db = db
        self._carrier = carrier
        self._public_url = public_url
        self._fallback_url = fallback_url

    @activity.defn
    async def dial_target(self, ref: TransferRef) -> None:
        """However often this runs, the mark is made once, and only who makes it sends."""
        async with heartbeats():
            request = await self._gate(ref)
            if request is not None:
                await self._send(ref, request)

    async def _gate(self, ref: TransferRef) -> DialRequest | None:
        """The commit of the mark; what happens after it may have reached the carrier."""
        now = utcnow()
        async with self._db.write() as session:
            file = await warm_transfers.hold(session, ref.transfer_id)
            if file is None or file.row.state.is_over or file.row.sending_at is not None:
                return None
            reason = await transfers.absence(session, file.call, file.target, now)
            if not file.callee_is_there:
                reason = MissReason.HUNG_UP
            if reason is not None:
                await transfers.miss(session, file.call, file.attempt, file.row, reason, now)
                return None
            assert file.target is not None
            sends = await warm_transfers.begin_sending(session, file.row, now)
            return self._request(file, file.target) if sends else None

    def _request(self, file: WarmFile, target: TransferTarget) -> DialRequest:
        """As the call itself was dialed: its number, its account at the carrier, its longest."""
        urls = transfer_urls(self._public_url, file.attempt.token, file.row.transfer_id)
        return DialRequest(
            to=target.endpoint,
            from_=file.attempt.from_endpoint,
            voice_url=urls.whisper,
            status_url=urls.target,
            ring_timeout=target.ring_seconds,
            max_duration=file.call.max_duration,
            fallback_url=self._fallback_url,
            carrier_account_id=file.attempt.carrier_account_id,
        )

    async def _send(self, ref: TransferRef, request: DialRequest) -> None:
        try:
            leg = await self._carrier.dial(request)
        except (Rejected, Unreachable) as error:
            await self._over(ref, error)
        except Ambiguous as error:
            # Whoever attends to it finds out whether it rings.
            log.warning("target.unknown", call_id=ref.call_id, why=str(error))
        else:
            await self._named(ref, leg.sid)

    async def _over(self, ref: TransferRef, error: CarrierError) -> None:
        log.warning("target.refused", call_id=ref.call_id, why=str(error))
        async with self._db.write() as session:
            file = await warm_transfers.hold(session, ref.transfer_id)
            if file is None:
                return
            if not file.row.state.is_over:
                reason = MissReason.FAILED
                await transfers.miss(session, file.call, file.attempt, file.row, reason, utcnow())
            # Surely there is no leg to look for; what is over is not dialed again.
            file.row.sending_at = None

    async def _named(self, ref: TransferRef, sid: str) -> None:
        """The leg is the transfer's, unless another one answered to it or nobody waits any more."""
        async with self._db.write() as session:
            file = await warm_transfers.hold(session, ref.transfer_id)
            is_own = file is not None and await warm_transfers.name_leg(session, file.row, sid)
            is_wanted = is_own and file is not None and not file.row.state.is_over
        if not is_wanted:
            await legs.end(self._carrier, sid)
