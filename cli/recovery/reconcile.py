"""`trunkline reconcile`: after a restore, what Temporal and the carrier know is written down."""

import asyncio
import json
import sys
from dataclasses import asdict
from datetime import datetime, timedelta

from temporalio.service import RPCError

from activities.dials.carrier_switch import over_twilio
from activities.recovery.reconciliation import Reconciled, Reconciliation
from bootstrap import sealer
from cli.attributes import leave
from cli.configured import configured
from cli.errors import Failed, Unusable, in_one_sentence, say
from contracts.connection import connect
from settings import Settings
from storage import recovery
from storage.carriers.credentials import CredentialBook
from storage.database.engine import Database
from telephony.errors import CarrierError

#: Before the last thing that the database knows: clocks differ, and commits overtake each other.
_MARGIN = timedelta(minutes=2)


async def reconcile(settings: Settings, since: datetime | None) -> Reconciled:
    """Raises Unusable where nothing can be found out, Failed where it broke off."""
    db = Database(settings.database)
    own_account = settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value()
    book = CredentialBook(db, sealer(settings))
    carrier = over_twilio(db, book, own_account, settings.twilio_api_url or None)
    try:
        begin = since or await _last_known(db)
        client = await connect(settings)
        return await Reconciliation(db, client, carrier, begin).run()
    except CarrierError as error:
        raise Failed(f"The carrier cannot be asked ({error}); run it again.") from error
    except (RPCError, RuntimeError) as error:
        raise Failed("Temporal cannot be asked; run it again.") from error
    finally:
        await carrier.close()
        await db.close()


async def _last_known(db: Database) -> datetime:
    async with db.read() as session:
        newest = await recovery.newest(session)
    if newest is None:
        raise Unusable("The database is empty; say with --since when the backup was made.")
    return newest - _MARGIN


def _in_words(found: Reconciled) -> str:
    lines = [
        f"{found.decisions} decisions found again, of which {found.ended} ended their call",
        f"{found.legs} legs found again at the carrier",
        f"{found.unresolved} dials without a leg: not dialed again",
        f"{found.found_calls} calls made from legs that only the carrier knew",
        f"{len(found.lost_calls)} workflows without a call, {found.terminated} of them terminated",
        *(f"  lost call {one}" for one in found.lost_calls),
        *(
            f"  leg {one} is of no agent's caller ID, or to a transfer target"
            for one in found.unplaced_legs
        ),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """`SINCE AS_JSON`, the first empty for what the database knows."""
    since, as_json = sys.argv[1], sys.argv[2] == "json"
    try:
        begin = datetime.fromisoformat(since) if since else None
        found = asyncio.run(reconcile(configured(), begin))
    except Unusable as error:
        say(error)
        leave(error.exit_code)
    sys.stdout.write(json.dumps(asdict(found)) + "\n" if as_json else _in_words(found))
    leave(0)


if __name__ == "__main__":
    in_one_sentence(main)
