"""What an account at the carrier may be, and what is done with its secrets."""

from collections.abc import Sequence
from typing import Any

from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from api.caller_ids.service import require_taken
from api.http.deps import Services
from api.http.problems import Problem, conflict, invalid, no_secret_key, not_found
from api.http.values import read_endpoint
from policy.model.reasons import Reason
from storage.carriers import carrier_accounts
from storage.carriers.sealer import NoSecretKey, Unsealable
from storage.clearances import requests
from storage.database.locks import lock_account
from storage.follow_ups import texts
from storage.tables import Account, CarrierAccount

_TOKEN = range(0x21, 0x7F)


async def checked(
    session: AsyncSession, uses: Services, row: CarrierAccount, said: dict[str, Any]
) -> None:
    """Takes over what was said; raises a Problem that names the field at fault.

    Under the owner's lock, so that no number is given to two.
    """
    await lock_account(session, row.account_id)
    others = [
        other
        for other in await carrier_accounts.of_account(session, row.account_id)
        if other.carrier_account_id != row.carrier_account_id
    ]
    for name, value in said.items():
        setattr(row, name, value)
    require_own_place(uses, row)
    if any(other.account_sid == row.account_sid for other in others):
        raise invalid("taken", "accountSid", "There is one with this SID already.")
    if "caller_ids" in said:
        row.caller_ids = _numbers(row.caller_ids, others)


async def create(uses: Services, row: CarrierAccount, said: dict[str, Any]) -> Sequence[str]:
    """Keeps a new one; gives the agents whose calls are to move. Raises a Problem: 409, 422."""
    async with uses.db.write() as session:
        await checked(session, uses, row, said)
        await require_room(session, row.account_id)
        await carrier_accounts.add(session, row)
        return await uses.numbers.mark(session, row.account_id)


async def change(
    uses: Services, account: Account, carrier_account_id: str, said: dict[str, Any]
) -> tuple[CarrierAccount, Sequence[str]]:
    """The fields that were said; raises a Problem: 404, 409 for a disabled default, 422.

    With the agents whose waiting calls are to move: of a name or a region none are.
    """
    is_default: bool | None = said.pop("is_default", None)
    async with uses.db.write() as session:
        row = await held(session, account.account_id, carrier_account_id)
        await checked(session, uses, row, said)
        await carrier_accounts.save(session, row, uses.now())
        if is_default:
            if row.disabled_time is not None:
                raise conflict("disabled", "It dials nobody. Enable it first.")
            await carrier_accounts.choose_default(session, account.account_id, row, uses.now())
        elif is_default is not None and row.is_default:
            await carrier_accounts.choose_default(session, account.account_id, None, uses.now())
        return row, await _marked(session, uses, account)


async def disable(
    uses: Services, account: Account, carrier_account_id: str
) -> tuple[CarrierAccount, Sequence[str]]:
    """From this commit on it makes no leg: its numbers are barred with it, and calls move.

    Raises a Problem: 404, 409 for the default. Repeating it changes nothing.
    """
    return await _switch(uses, account, carrier_account_id, is_on=False)


async def enable(
    uses: Services, account: Account, carrier_account_id: str
) -> tuple[CarrierAccount, Sequence[str]]:
    """It dials again; repeating it changes nothing. Raises a 404 Problem."""
    return await _switch(uses, account, carrier_account_id, is_on=True)


async def _switch(
    uses: Services, account: Account, carrier_account_id: str, *, is_on: bool
) -> tuple[CarrierAccount, Sequence[str]]:
    async with uses.db.write() as session:
        row = await held(session, account.account_id, carrier_account_id)
        if not is_on:
            require_not_default(row)
        if is_on == (row.disabled_time is None):
            return row, ()
        row.disabled_time = None if is_on else uses.now()
        await carrier_accounts.save(session, row, uses.now())
        return row, await _marked(session, uses, account)


async def delete(uses: Services, account: Account, carrier_account_id: str) -> Sequence[str]:
    """For good; raises a Problem: 404, and 409 for the default and while a call of it goes on.

    Gives the agents whose waiting calls are to move.
    """
    async with uses.db.write() as session:
        row = await held(session, account.account_id, carrier_account_id)
        require_not_default(row)
        if await carrier_accounts.has_open_attempts(session, carrier_account_id):
            raise conflict("in_use", "A call of it is under way. Disable it, and wait for its end.")
        await carrier_accounts.remove(session, row, uses.now())
        return await _marked(session, uses, account)


async def _marked(session: AsyncSession, uses: Services, account: Account) -> Sequence[str]:
    """Agents whose calls may move, after numbers are dialed from by others than before.

    What was waiting for that goes at once: texts, and questions about numbers.
    """
    id_, now = account.account_id, uses.now()
    moved = await uses.numbers.mark(session, id_)
    await texts.hurry(session, id_, Reason.CALLER_ID_BARRED, now)
    await requests.ask_anew(session, id_, requests.DISABLED, now)
    return moved


def require_not_default(row: CarrierAccount) -> None:
    """Whoever dials from all other numbers goes only when it is said who does so then."""
    if row.is_default:
        detail = "All other numbers are dialed from by it. Choose another default first, or none."
        raise conflict("is_default", detail)


def require_own_place(uses: Services, row: CarrierAccount) -> None:
    """Raises a 422 Problem where it says half of a place, or is the installation's own."""
    if (row.region is None) != (row.edge is None):
        raise invalid("required", "edge" if row.edge is None else "region", "They go together.")
    if row.account_sid == uses.settings.twilio_account_sid:
        raise invalid("installations", "accountSid", "This is the installation's own account.")


async def require_token_taken(uses: Services, row: CarrierAccount, token: SecretStr) -> None:
    """Raises a 422 Problem where the carrier does not take it, 503 where it does not answer."""
    text = token.get_secret_value()
    _require_token(text)
    await require_taken(uses, row.account_sid, text, row.region, row.edge)


def _numbers(said: Sequence[str], others: Sequence[CarrierAccount]) -> list[str]:
    taken = {number for other in others for number in other.caller_ids}
    found = []
    for index, text in enumerate(said):
        number = read_endpoint(text, f"callerIds.{index}").value
        if number in taken:
            message = "It is dialed from by another account at the carrier."
            raise invalid("taken", f"callerIds.{index}", message)
        found.append(number)
    return list(dict.fromkeys(found))


def sealed(uses: Services, row: CarrierAccount, token: SecretStr) -> str:
    """The token as it is kept; raises a Problem where it cannot be."""
    text = token.get_secret_value()
    _require_token(text)
    try:
        return uses.sealer.seal(text, row.carrier_account_id)
    except NoSecretKey:
        pass
    raise no_secret_key()


def _require_token(text: str) -> None:
    if not all(ord(letter) in _TOKEN for letter in text):
        raise invalid("malformed", "authToken", "This is no auth token.")


def require_other_token(uses: Services, row: CarrierAccount, token: SecretStr) -> None:
    """A rotation to the same token would end it after the overlap, and nobody would know why."""
    assert row.sealed_token is not None
    try:
        known = uses.sealer.open(row.sealed_token, row.carrier_account_id)
    except Unsealable:
        return
    if known == token.get_secret_value():
        raise invalid("unchanged", "authToken", "This is the token that is in use.")


async def require_room(session: AsyncSession, account_id: str) -> None:
    """Raises a 409 Problem where there are as many as there may be. Call `checked` first: it holds
    the owner's lock."""
    most = carrier_accounts.MOST_OF_ACCOUNT
    if len(await carrier_accounts.of_account(session, account_id)) >= most:
        raise conflict("too_many_carrier_accounts", f"There are {most} already; remove one first.")


async def held(session: AsyncSession, account_id: str, carrier_account_id: str) -> CarrierAccount:
    """The row under its owner's lock; raises a 404 Problem."""
    row = await carrier_accounts.hold(session, account_id, carrier_account_id)
    if row is None:
        raise unknown()
    return row


def unknown() -> Problem:
    return not_found("carrier account")
