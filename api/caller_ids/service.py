"""Caller IDs held to the carrier's lists; the lists imported; accounts at the carrier tried."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from activities.caller_ids.number_import import Imported
from api.caller_ids.schemas import (
    CallerIdStandings,
    CallerIdStandingView,
    ImportView,
    ListedNumbers,
    NumberListView,
    NumberWatchView,
)
from api.caller_ids.views import account_of, list_view, listed_view, watch_view
from api.http.deps import Services
from api.http.problems import RETRY_AFTER, Problem, conflict, invalid, not_found
from policy.caller_ids.pool import Mark
from policy.caller_ids.rests import expected
from policy.caller_ids.standings import refusal_of
from storage.accounts import accounts, agents
from storage.caller_ids import number_lists, watches
from storage.caller_ids.number_lists import INSTALLATION, ListChange
from storage.caller_ids.standings import NumberStanding, standings
from storage.carriers import carrier_accounts
from storage.tables import Account, Agent, NumberList, NumberWatchRow
from telephony.errors import CarrierError, Rejected, RejectedClass

#: Within so long a list is not asked for again: the answer would be the same.
JUST_NOW = timedelta(seconds=5)
#: What of Twilio's answers is about the account's SID and not about its token.
_NOT_ACTIVE = frozenset({10001, 20005})


async def require_listed(
    session: AsyncSession, uses: Services, account_id: str, numbers: Mapping[int, str]
) -> None:
    """Raises a 422 Problem for the first number that the carrier would refuse.

    `numbers`: by their place in the request's `callerIds`.
    """
    check = uses.settings.caller_id_check
    if not numbers:
        return
    found = await standings(session, account_id, numbers.values())
    for index, number in numbers.items():
        standing = found[number].standing
        why = refusal_of(standing, check)
        if why is not None:
            raise invalid(standing.value, f"callerIds.{index}", why)


async def require_taken(
    uses: Services, sid: str, token: str, region: str | None, edge: str | None
) -> None:
    """Tries an account at the carrier; raises a 422 Problem that names the field at fault, or 503.

    Nothing is kept that was not tried: a carrier that does not answer has taken nothing.
    """
    try:
        async with uses.number_sources.at(sid, token, region, edge) as numbers:
            await numbers.check()
        return
    except CarrierError as error:
        problem = _refused(error)
    raise problem


def _refused(error: CarrierError) -> Problem:
    is_account = isinstance(error, Rejected) and error.reason is RejectedClass.ACCOUNT
    if not is_account or error.code is None:
        return carrier_away(error)
    if error.code in _NOT_ACTIVE:
        return invalid("not_active", "accountSid", f"The carrier refuses it: {error}.")
    return invalid("not_taken", "authToken", f"The carrier does not take it: {error}.")


def carrier_away(error: CarrierError) -> Problem:
    detail = f"The carrier could not be asked; nothing was done. It said: {error}."
    return Problem(503, "carrier_away", detail, headers=RETRY_AFTER)


async def imported(
    uses: Services, account: Account, carrier_account_id: str | None
) -> tuple[ImportView, Sequence[str]]:
    """Asks the carrier now; what was asked for a moment ago is not asked for again.

    With the agents whose waiting calls are to move by it.
    """
    holder = await _holder(uses, account, carrier_account_id)
    async with uses.db.read() as session:
        before = (await number_lists.lists(session, [holder])).get(holder)
    fresh = _is_fresh(before, uses)
    found = Imported(ListChange(0, 0, 0), ()) if fresh else await _asked(uses, holder)
    change, shown = found.change, await _list(uses, holder)
    return ImportView(of=shown, added=change.added, lost=change.lost), found.agent_ids


async def _asked(uses: Services, holder: str) -> Imported:
    try:
        return await uses.numbers.run(holder)
    except CarrierError as error:
        problem = carrier_away(error)
    raise problem


def _is_fresh(row: NumberList | None, uses: Services) -> bool:
    at = None if row is None else row.imported_time
    return at is not None and uses.now() - JUST_NOW < at <= uses.now()


async def _holder(uses: Services, account: Account, carrier_account_id: str | None) -> str:
    if carrier_account_id is None:
        return INSTALLATION
    async with uses.db.read() as session:
        row = await carrier_accounts.get(session, account.account_id, carrier_account_id)
    if row is None:
        raise not_found("carrier account")
    return row.carrier_account_id


async def _list(uses: Services, holder: str) -> NumberListView:
    async with uses.db.read() as session:
        return (await _lists(session, [holder]))[0]


async def _lists(session: AsyncSession, holders: Collection[str]) -> list[NumberListView]:
    rows = await number_lists.lists(session, holders)
    numbers = await number_lists.counts(session, holders)
    return [list_view(one, rows.get(one), numbers.get(one, 0)) for one in sorted(holders)]


async def listed(
    uses: Services, account: Account, carrier_account_id: str | None, skip: int, take: int
) -> ListedNumbers:
    """What one account at the carrier may show.

    The installation's own list is everybody's: where there are several accounts, one sees of it
    the numbers that its own agents call from.
    """
    holder = await _holder(uses, account, carrier_account_id)
    async with uses.db.read() as session:
        about = (await _lists(session, [holder]))[0]
        if holder != INSTALLATION or await accounts.is_only_one(session):
            rows, total = await number_lists.page(session, holder, skip, take)
        else:
            own = await _used(session, account)
            known = await number_lists.among(session, holder, own)
            rows, total = [known[one] for one in sorted(known)][skip : skip + take], len(known)
            about = about.model_copy(update={"numbers": total})
    return ListedNumbers(of=about, numbers=[listed_view(row) for row in rows], total=total)


async def shown(uses: Services, account: Account, skip: int, take: int) -> CallerIdStandings:
    """Every caller ID that an agent of the account calls from, and where it stands."""
    async with uses.db.read() as session:
        used = await _used(session, account)
        page = sorted(used)[skip : skip + take]
        found = await standings(session, account.account_id, page)
        own = await carrier_accounts.of_account(session, account.account_id)
        pools = {agent.agent_id for ones in used.values() for agent in ones}
        about = await _watches(session, pools)
        holders = [INSTALLATION, *(row.carrier_account_id for row in own)]
        lists = await _lists(session, holders)
        if not await accounts.is_only_one(session):
            # How many numbers the installation has in all is nobody's business.
            of_all = [one for one in lists if one.carrier_account_id is None]
            for one in of_all:
                one.numbers = len(await number_lists.among(session, INSTALLATION, used))
    return CallerIdStandings(
        check=uses.settings.caller_id_check,
        lists=lists,
        caller_ids=[_view(found[number], used[number], about.get(number, [])) for number in page],
        total=len(used),
    )


async def _used(session: AsyncSession, account: Account) -> dict[str, list[Agent]]:
    used: dict[str, list[Agent]] = {}
    for agent in await agents.all_of(session, account.account_id):
        for number in agent.caller_ids:
            used.setdefault(number, []).append(agent)
    return used


async def _watches(
    session: AsyncSession, agent_ids: Collection[str]
) -> dict[str, list[NumberWatchView]]:
    """By the number; each with what its pool makes one expect."""
    pools: dict[str, dict[str, NumberWatchRow]] = {}
    for row in await watches.of_agents(session, sorted(agent_ids)):
        pools.setdefault(row.agent_id, {})[row.number] = row
    found: dict[str, list[NumberWatchView]] = {}
    for pool in pools.values():
        shares = expected({number: watches.watch_of(row) for number, row in pool.items()})
        for number, row in pool.items():
            found.setdefault(number, []).append(watch_view(row, shares[number]))
    return found


async def brought_back(
    uses: Services, account: Account, agent_id: str, number: str
) -> NumberWatchView:
    """Ends a rest before its time; raises a 404 or 409 Problem."""
    async with uses.db.write() as session:
        agent = await agents.get(session, account.account_id, agent_id)
        if agent is None:
            raise not_found("agent")
        row = await watches.bring_back(session, agent, number, uses.now())
        if row is None:
            raise conflict("not_rested", "This number of the agent's is not rested.")
        return watch_view(row, None)


def _view(
    one: NumberStanding, used_by: Iterable[Agent], about: list[NumberWatchView]
) -> CallerIdStandingView:
    marks = {
        agent.agent_id: Mark(mark)
        for agent in used_by
        if (mark := (agent.caller_id_marks or {}).get(one.number)) is not None
    }
    return CallerIdStandingView(
        number=one.number,
        carrier_account_id=account_of(one.holder),
        standing=one.standing,
        agent_ids=[agent.agent_id for agent in used_by],
        marks=marks,
        listed=None if one.row is None else listed_view(one.row),
        watches=about,
    )
