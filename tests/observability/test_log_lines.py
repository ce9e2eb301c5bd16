"""A line is made by one processor; what it hides is what the expression alone would hide."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.testing import ActivityEnvironment

from activities.log_ids import log_ids
from observability import logs
from observability.logs import redact
from tests.observability.queries import ROOT

_PIECES = st.sampled_from(
    ["+", "%2B", "%2b", "sip:", "sips%3A", "1", "202", "5550123", " ", "-", "(", ")", "a", "@", "é"]
)


@given(st.lists(_PIECES, max_size=14).map("".join))
def test_to_look_for_signs_first_hides_no_less(text: str):
    assert redact(text) == logs._PERSONAL.sub("[redacted]", text)


def written(program: str) -> list[dict[str, object]]:
    """The lines of a process that logs."""
    code = f"import logging, structlog\nfrom observability.logs import *\n{program}"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_a_line_says_who_wrote_it_when_and_about_what():
    first, second, third = written(
        "configure_logging('INFO', 'json', lambda: {'call_id': 'c-1'})\n"
        "request_id.set('r-1')\n"
        "structlog.get_logger('trunkline.a').info('happened', number='+12025550123')\n"
        "structlog.get_logger('trunkline.a').debug('not said')\n"
        "structlog.get_logger('trunkline.b').warning('told', call_id='c-2')\n"
        "logging.getLogger('library').warning('to %s', 'sip:bob@example.org')\n"
    )
    assert first.pop("timestamp")
    assert first == {
        "event": "happened", "number": "[redacted]", "call_id": "c-1", "request_id": "r-1",
        "logger": "trunkline.a", "level": "info",
    }  # fmt: skip
    assert (second["call_id"], second["level"]) == ("c-2", "warning")
    assert (third["event"], third["logger"]) == ("to [redacted]", "library")


def test_what_is_no_text_and_no_number_is_written_all_the_same():
    (line,) = written(
        "configure_logging()\n"
        "it = ValueError('+12025550123')\n"
        "structlog.get_logger('a').info('odd', half='\\ud800', many={'x'}, it=it)"
    )
    assert (line["many"], line["it"]) == (["x"], "[redacted]")


def test_outside_of_an_activity_nothing_is_added():
    assert log_ids() == {}


@pytest.mark.parametrize(
    ("workflow_id", "ids"),
    [
        ("call-1f0c", {"call_id": "1f0c"}),
        ("campaign-7", {"campaign_id": "7"}),
        ("something-else", {}),
    ],
)
def test_a_line_of_an_activity_is_about_its_call_or_campaign(workflow_id: str, ids: dict[str, str]):
    environment = ActivityEnvironment()
    environment.info = _with_workflow(environment, workflow_id)
    assert environment.run(log_ids) == ids


def _with_workflow(environment: ActivityEnvironment, workflow_id: str):
    return type(environment.info)(**{**vars(environment.info), "workflow_id": workflow_id})
