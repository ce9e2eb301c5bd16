"""What a line of a worker's log is about, where the line does not say so itself."""

from collections.abc import Mapping

from temporalio import activity

from contracts.names import CALL_ID_PREFIX, CAMPAIGN_ID_PREFIX

_NAMES = {CALL_ID_PREFIX: "call_id", CAMPAIGN_ID_PREFIX: "campaign_id"}


def log_ids() -> Mapping[str, str]:
    """The call or the campaign of the activity that is under way."""
    if not activity.in_activity():
        return {}
    workflow_id = activity.info().workflow_id or ""
    return {
        name: workflow_id.removeprefix(prefix)
        for prefix, name in _NAMES.items()
        if workflow_id.startswith(prefix)
    }
