"""Temporal's real dev server, with virtual time or with the wall's."""

import sys
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from contracts import names

TEMPORAL = Path(sys.executable).with_name("temporal")
#: Without the first every start fails, without the second each skip costs about a second.
SKIPPING = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "history.timerProcessorMaxTimeShift": '"1ms"',
}


async def start_skipping_server() -> WorkflowEnvironment:
    """Whenever a workflow only waits for a timer, its clock jumps there."""
    config = [
        arg for item in SKIPPING.items() for arg in ("--dynamic-config-value", "=".join(item))
    ]
    return await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=str(TEMPORAL), dev_server_extra_args=[*config, *_attributes()]
    )


async def start_plain_server() -> WorkflowEnvironment:
    """Time passes as it does: for what is said to a call while it waits."""
    return await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(TEMPORAL), dev_server_extra_args=_attributes()
    )


def _attributes() -> list[str]:
    return [
        arg
        for name, kind in names.SEARCH_ATTRIBUTES.items()
        for arg in ("--search-attribute", f"{name}={kind}")
    ]
