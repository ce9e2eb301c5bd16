"""/api/v1/account"""

from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, Request

from api.accounts.schemas import (
    AccountPatch,
    AccountView,
    OwnKeyView,
    account_view,
    columns,
    own_key_view,
)
from api.http.auth import Credentials, KeyFirst, requires
from api.http.deps import Uses
from api.http.openapi import problem_responses
from api.http.problems import away, invalid
from api.replan.mended_contacts import mend_contacts
from api.replan.replan import replan
from policy.accounts.plans import caps_of
from storage.attempts import costs
from storage.calls.calls import AffectedCalls
from storage.database.locks import lock_account
from storage.dispatch import dialing_pause
from storage.tables import Account

router = APIRouter(
    prefix="/account",
    tags=["account"],
    responses=problem_responses(401, 403, 503),
    route_class=KeyFirst,
)

Reader = Annotated[Account, Depends(requires("account:read"))]
Writer = Annotated[Account, Depends(requires("account:write"))]
_CAPS = {"max_concurrent": "maxConcurrent", "calls_per_minute": "callsPerMinute"}


@router.get("")
async def get_account(account: Reader, uses: Uses) -> AccountView:
    """The account of the key: its plan, caps, rates, spend limit and what was spent."""
    async with uses.db.read() as session:
        return account_view(account, await costs.of_account(session, account.account_id))


@router.get("/key")
async def get_own_key(request: Request, _documented: Credentials) -> OwnKeyView:
    """What the key of this request may do. Every key may ask."""
    _, key = request.state.holder
    return own_key_view(key)


@router.patch("", responses=problem_responses(422))
async def change_account(
    body: AccountPatch, account: Writer, uses: Uses, later: BackgroundTasks
) -> AccountView:
    """Change the account. Caps and limits hold from the dispatcher's next turn on."""
    async with uses.db.write() as session:
        row = await lock_account(session, account.account_id)
        if row is None:
            raise away("database")
        for name, value in _with_caps(row, columns(body)).items():
            setattr(row, name, value)
        session.add(row)
        # Also where it is said once more: what followed the first may be lost with its process.
        if "extensions" in body.model_fields_set:
            later.add_task(mend_contacts, uses, row, AffectedCalls())
        if "sector" in body.model_fields_set:
            later.add_task(replan, uses, row, AffectedCalls())
        return account_view(row, await costs.of_account(session, row.account_id))


@router.post("/dialing/probe")
async def try_dialing_now(account: Writer, uses: Uses) -> AccountView:
    """While dialing is paused: let the next call in line try at once. Else this changes nothing."""
    async with uses.db.write() as session:
        row = await dialing_pause.probe_now(session, account.account_id, uses.now())
        if row is None:
            raise away("database")
        return account_view(row, await costs.of_account(session, row.account_id))


def _with_caps(account: Account, said: dict[str, Any]) -> dict[str, Any]:
    """What was said, with the caps of the plan; refuses caps that the plan does not leave open."""
    plan = said.get("plan", account.plan)
    caps = caps_of(plan)
    if caps is None:
        return said
    for name, field in _CAPS.items():
        if name in said and said[name] != getattr(caps, name):
            raise invalid("fixed_by_plan", field, f"The plan {plan} fixes this.")
    fixed = {name: getattr(caps, name) for name in _CAPS}
    return {**said, **fixed} if "plan" in said else said
