"""Every decision about a call, by the step of its workflow at which it was made."""

from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.compliance.evidence import Evidence
from policy.model.call import Decision
from storage.database.upsert import insert_values_once
from storage.tables import DecisionRow

NO_EVIDENCE = Evidence()
_OF_STEP = select(DecisionRow).where(
    col(DecisionRow.call_id) == bindparam("call"), col(DecisionRow.step) == bindparam("step")
)


async def recorded(session: AsyncSession, call_id: str, step: int) -> Decision | None:
    """What an earlier run of the same step decided."""
    key = {"call": call_id, "step": step}
    row = (await session.exec(_OF_STEP, params=key)).one_or_none()
    return None if row is None else _decision(row)


async def record(
    session: AsyncSession,
    call_id: str,
    step: int,
    decision: Decision,
    now: datetime,
    proof: Evidence = NO_EVIDENCE,
) -> None:
    """Keeps the first decision of a step; a second one changes nothing."""
    row = {
        "call_id": call_id,
        "step": step,
        "at": now,
        "kind": decision.kind,
        "reason": decision.reason,
        "detail": decision.detail,
        "until": decision.until,
        "valid_until": decision.valid_until,
        "waiting_for": decision.waiting_for,
        "outcome": decision.outcome,
        "attempt_number": decision.attempt_number,
        "rules": list(decision.rules),
        "versions": list(decision.versions),
        "findings": [
            {"rule": one.rule, "verdict": one.verdict, "detail": one.detail}
            for one in proof.findings
        ],
        "inputs_sha256": proof.inputs_sha256,
    }
    await insert_values_once(session, DecisionRow, row, "call_id", "step")


async def of_call(session: AsyncSession, call_id: str) -> list[DecisionRow]:
    """In the order in which they were made."""
    statement = (
        select(DecisionRow)
        .where(col(DecisionRow.call_id) == call_id)
        .order_by(col(DecisionRow.step))
    )
    return list((await session.exec(statement)).all())


def _decision(row: DecisionRow) -> Decision:
    return Decision(
        kind=row.kind,
        reason=row.reason,
        detail=row.detail,
        until=row.until,
        valid_until=row.valid_until,
        waiting_for=row.waiting_for,
        outcome=row.outcome,
        attempt_number=row.attempt_number,
        rules=tuple(row.rules),
        versions=tuple(row.versions),
    )
