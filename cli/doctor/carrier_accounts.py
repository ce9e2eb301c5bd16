"""Whether each account at the carrier takes its token, and has the numbers dialed from by it."""

from collections.abc import Sequence
from dataclasses import dataclass

from activities.caller_ids.number_sources import NumberSources, over_twilio
from bootstrap import connection_options, sealer
from cli.doctor.diagnosis import Finding, bad, well
from settings import Settings
from storage.accounts import agents
from storage.carriers import carrier_accounts
from storage.carriers.credentials import CredentialBook
from storage.database.engine import Database
from storage.tables import CarrierAccount
from telephony.errors import CarrierError

#: More are not asked about: whoever has so many reads the page.
MOST = 50


@dataclass(frozen=True, slots=True)
class Used:
    """An account at the carrier, and those of its numbers that agents call from."""

    row: CarrierAccount
    numbers: Sequence[str]


async def examine(settings: Settings) -> list[Finding]:
    """One finding for each, at the carrier itself and not from what was imported."""
    db = Database(settings.database, connection_options(settings))
    own = settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value()
    try:
        book = CredentialBook(db, sealer(settings))
        sources = over_twilio(book, own, settings.twilio_api_url or None)
        return [await _examined(sources, used) for used in await _used(db)]
    finally:
        await db.close()


async def _used(db: Database) -> list[Used]:
    async with db.read() as session:
        rows = (await carrier_accounts.every(session))[:MOST]
        shown = {
            account_id: {
                number
                for agent in await agents.all_of(session, account_id)
                for number in agent.caller_ids
            }
            for account_id in {row.account_id for row in rows}
        }
    return [
        Used(row, [one for one in row.caller_ids if one in shown[row.account_id]]) for row in rows
    ]


async def _examined(sources: NumberSources, used: Used) -> Finding:
    name = f"carrier account {used.row.name}"
    try:
        async with sources.of(used.row.carrier_account_id) as numbers:
            await numbers.check()
            listed = {one.number for one in await numbers.numbers()}
    except CarrierError as error:
        remedy = "Rotate its token: trunkline carrier-accounts rotate-token."
        return bad(name, f"It cannot be asked: {error}.", remedy)
    missing = [one for one in used.numbers if one.startswith("+") and one not in listed]
    if missing:
        remedy = "Buy or verify them there, or take them from the agents."
        return bad(name, f"Neither owned nor verified: {', '.join(missing)}.", remedy)
    return well(name, f"It takes the token; {len(used.numbers)} caller IDs are owned or verified.")
