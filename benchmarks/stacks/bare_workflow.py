"""The bare workflow beside which everything is measured: one activity, one signal."""

from datetime import timedelta

from temporalio import workflow

TOUCH, DONE = "touch", "done"


@workflow.defn(name="Bare")
class BareWorkflow:
    def __init__(self) -> None:
        self._done = False

    @workflow.run
    async def run(self, key: str) -> None:
        await workflow.execute_activity(TOUCH, key, start_to_close_timeout=timedelta(seconds=30))
        await workflow.wait_condition(lambda: self._done)

    @workflow.signal(name=DONE)
    def done(self) -> None:
        self._done = True
