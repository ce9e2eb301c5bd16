"""Work that never ends: the dispatcher and the watch keep one activity alive, the sweep recurs."""

from dataclasses import dataclass

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from contracts import activities as do

from workflows import options

#: Activity runs before the loop's history is started afresh.
RUNS_PER_HISTORY = 50


@dataclass(frozen=True)
class Loop:
    """Which activity to keep alive, by its name."""

    activity: str


@workflow.defn
class LoopWorkflow:
    """A singleton by its id. Its activity returns when its worker stops or after an hour."""

    @workflow.run
    async def run(self, loop: Loop) -> None:
        for _ in range(RUNS_PER_HISTORY):
            await workflow.execute_activity(loop.activity, **options.LOOP)
        workflow.continue_as_new(loop)


@workflow.defn
class SweepWorkflow:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(do.sweep, **options.SWEEP)
