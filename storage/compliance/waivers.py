"""Rules an account is not held to: on record with who, when and why, and never implied.

{"rule": a rule's id or a kind, "purposes"?: [...], "reason", "by", "at", "simulatedOnly"?: true,
"endedAt"?, "endedBy"?}
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.purposes import Purpose
from storage.database.locks import lock_account
from storage.tables import Account, JsonObject

Waivers = Sequence[JsonObject]


def in_force(account: Account, purpose: Purpose | None, *, simulated: bool) -> frozenset[str]:
    """The rules and kinds that do not bind a call. What only a simulator may waive holds there."""
    return frozenset(
        waiver["rule"]
        for waiver in account.waivers
        if _lasts(waiver)
        and _is_about(waiver, purpose)
        and (simulated or not waiver.get("simulatedOnly"))
    )


async def add(session: AsyncSession, account_id: str, waiver: JsonObject) -> bool:
    """Puts a waiver on record; False if the rule is waived as far already."""
    account = await lock_account(session, account_id)
    assert account is not None
    kept = with_one(account.waivers, waiver)
    if kept is None:
        return False
    account.waivers = kept
    session.add(account)
    return True


def with_one(waivers: Waivers, waiver: JsonObject) -> list[JsonObject] | None:
    """The waivers and one more; None if the rule is waived as far already."""
    if any(_lasts(one) and _covers(one, waiver) for one in waivers):
        return None
    return [*waivers, waiver]


async def end(
    session: AsyncSession, account_id: str, rule: str, by: str, now: datetime
) -> JsonObject | None:
    """Ends all waivers of a rule, which stay on record; gives the last, None if there is none."""
    account = await lock_account(session, account_id)
    assert account is not None
    kept = without(account.waivers, rule, by, now)
    if kept is None:
        return None
    account.waivers = kept
    session.add(account)
    found: JsonObject = next(one for one in reversed(kept) if one["rule"] == rule)
    return found


def without(waivers: Waivers, rule: str, by: str, now: datetime) -> list[JsonObject] | None:
    """The waivers, with those of a rule ended; None if there is none to end."""
    ended = {"endedAt": now.isoformat(), "endedBy": by}
    kept = [{**one, **ended} if one["rule"] == rule and _lasts(one) else one for one in waivers]
    return None if kept == list(waivers) else kept


def _lasts(waiver: JsonObject) -> bool:
    return "endedAt" not in waiver


def _covers(one: JsonObject, other: JsonObject) -> bool:
    """Whether one waiver says all that another does."""
    if one["rule"] != other["rule"] or (
        one.get("simulatedOnly") and not other.get("simulatedOnly")
    ):
        return False
    named, wanted = one.get("purposes"), other.get("purposes")
    return not named or (wanted is not None and set(wanted) <= set(named))


def _is_about(waiver: JsonObject, purpose: Purpose | None) -> bool:
    named = waiver.get("purposes")
    return not named or (purpose is not None and purpose.value in named)
