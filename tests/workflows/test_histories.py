"""The kept histories: they still replay, they are short, and nobody's data is in them."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from tests.workflows.bench import CALLER_ID, ENDPOINT
from tests.workflows.journeys import HISTORIES, JOURNEYS, TARGET
from workflows.call import CallWorkflow

FILES = sorted(HISTORIES.glob("**/*.json"))
MAX_EVENTS = 14


def load(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(f"call-{path.stem}", path.read_text())


def test_every_journey_has_its_history() -> None:
    assert {path.stem for path in HISTORIES.glob("*.json")} == set(JOURNEYS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HISTORIES)))
async def test_a_call_that_runs_today_goes_on_under_this_code(path: Path) -> None:
    replayer = Replayer(workflows=[CallWorkflow], workflow_runner=UnsandboxedWorkflowRunner())
    await replayer.replay_workflow(load(path))


def test_an_answered_call_takes_at_most_14_events() -> None:
    events = load(HISTORIES / "answered.json").events
    assert len(events) <= MAX_EVENTS, [event.event_type for event in events]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HISTORIES)))
def test_no_history_holds_a_number(path: Path) -> None:
    text = "\n".join(all_text(json.loads(path.read_text())))
    for number in (ENDPOINT, CALLER_ID, TARGET):
        assert number not in text
        assert number.removeprefix("+1") not in text


def all_text(node: Any) -> list[str]:
    """Every string of a history, payloads decoded."""
    if isinstance(node, dict):
        return [text for key, child in node.items() for text in _text_of(key, child)]
    if isinstance(node, list):
        return [text for child in node for text in all_text(child)]
    return [str(node)]


def _text_of(key: str, child: Any) -> list[str]:
    if key == "data" and isinstance(child, str):
        return [base64.b64decode(child).decode(errors="replace")]
    return all_text(child)
