"""Where a call stands, as Temporal's Web UI and command line show it."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from contracts import names
    from policy.model.call import CallStatus, Outcome


class Visibility:
    """Search attributes are written when they change: each writing is an event."""

    def __init__(self, shown: CallStatus) -> None:
        self.status = shown

    def show(
        self, status: CallStatus, details: str | None = None, outcome: Outcome | None = None
    ) -> None:
        if details is not None:
            workflow.set_current_details(details)
        if status is self.status:
            return
        self.status = status
        changes = [names.STATUS.value_set(status.value)]
        if outcome is not None:
            changes.append(names.OUTCOME.value_set(outcome.value))
        workflow.upsert_search_attributes(changes)
