"""The OpenAPI document is true: what it allows is taken, what it forbids is refused, and every
answer is one that it tells of.

Schemathesis asks the whole process over a socket, with data made from the document alone.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import structlog
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events as told
from schemathesis.engine import from_schema

import api.events.routes
import api.webhooks.routes
from tests.api.contract import formats
from tests.api.contract.facts import is_fact
from tests.api.contract.server import Process, running
from tests.api.world import KEY
from tests.databases import SqliteTemplates

#: Every operation of the document is in one of them: its tags.
PARTS = ("calls", "campaigns", "compliance", "others")
_OTHERS = (
    "account", "agents", "analytics", "audit log", "caller IDs", "carrier accounts",
    "carrier callbacks", "clearances", "events", "health", "keys", "pathways", "people",
    "promises", "transfers", "webhooks",
)  # fmt: skip
#: What they take is what other operations take, or made of it, and large: without the phase that
#: tries each part of it by itself, which takes its time.
_LIKE_OTHERS = (
    "POST /api/v1/calls/bulk",
    "GET /api/v1/calls/queue/list",
    "GET /api/v1/calls/statistics/statuses",
    "GET /api/v1/analytics.csv",
    "POST /api/v1/campaigns",
    "PATCH /api/v1/webhooks/{webhook_id}",
    "PUT /api/v1/agents/{agent_id}",
    "PATCH /api/v1/agents/{agent_id}",
    "PUT /api/v1/pathways/{pathway_id}",
    "PATCH /api/v1/campaigns/{campaign_id}",
    "POST /api/v1/compliance/overlays",
)
_PHASES = ("examples", "coverage", "fuzzing")
#: Operations one after the other, each with what the last one answered.
_CHAINS = "stateful"
#: Of each operation and phase; docs/hostile-input.md tells how to try more.
FEW = 4
EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", FEW))
_ACCEPTED, _REFUSED = "positive_data_acceptance", "negative_data_rejection"
_GONE = "use_after_free"
_CONFIG: dict[str, Any] = {
    "seed": 1,
    # What one run learns is not the next one's.
    "cache": {"enabled": False},
    "headers": {"Authorization": f"Bearer {KEY}"},
    "continue-on-failure": True,
    "request-timeout": 60,
    "generation": {
        "deterministic": True,
        "no-shrink": True,
        "database": "none",
        # A NUL is refused wherever it stands, which no schema of a free object says.
        "allow-x00": False,
    },
    "checks": {
        _REFUSED: {
            "expected-statuses": ["400", "401", "403", "404", "405", "409", "413", "415", "422"]
        }
    },
}


@pytest.fixture(scope="module")
def process() -> Iterator[Process]:
    patched = pytest.MonkeyPatch()
    # A stream that ends, and a test of a webhook that waits for no worker.
    patched.setattr(api.events.routes, "LONGEST_SECONDS", 0.01)
    patched.setattr(api.events.routes, "LOOK_SECONDS", 0.01)
    patched.setattr(api.webhooks.routes, "TEST_SECONDS", 0.0)
    formats.register()
    with structlog.testing.capture_logs() as logged, running() as found:
        yield found
    patched.undo()
    assert [one for one in logged if one["event"] == "unhandled_error"] == []


@pytest.fixture
def address(process: Process, sqlite_templates: SqliteTemplates, tmp_path: Path) -> str:
    """Each test asks a database of its own, so that none depends on another."""
    process.begin_anew(sqlite_templates.copy(tmp_path / "api.db"))
    return process.address


def loaded(address: str, phases: tuple[str, ...], examples: int) -> Any:
    """The document, to be asked about in these phases alone."""
    chosen: dict[str, Any] = {name: {"enabled": name in phases} for name in (*_PHASES, _CHAINS)}
    chosen["coverage"]["unexpected-methods"] = ["OPTIONS", "TRACE"]
    how = {**_CONFIG["generation"], "max-examples": examples}
    config = SchemathesisConfig.from_dict({**_CONFIG, "generation": how, "phases": chosen})
    return schemathesis.openapi.from_url(f"{address}/openapi.json", config=config, timeout=60)


@pytest.fixture
def document(address: str) -> Any:
    return loaded(address, _PHASES, EXAMPLES)


def test_every_operation_is_in_a_part(document: Any):
    tags = Counter(tag for found in document.get_all_operations() for tag in found.ok().tags)
    assert set(tags) == {"calls", "campaigns", "compliance", *_OTHERS}


@pytest.mark.parametrize("part", PARTS)
def test_the_document_is_true(document: Any, part: str):
    tags = _OTHERS if part == "others" else (part,)
    must_hold(document.include(tag=list(tags)).exclude(name=list(_LIKE_OTHERS)))


def test_it_is_true_of_what_is_made_of_the_same(address: str):
    must_hold(
        loaded(address, ("examples", "fuzzing"), EXAMPLES * 4).include(name=list(_LIKE_OTHERS))
    )


def test_it_is_true_of_one_request_after_another(address: str):
    asked = must_be_true(loaded(address, (_CHAINS,), max(1, EXAMPLES // FEW)))
    assert asked


def must_hold(document: Any) -> None:
    asked = must_be_true(document)
    assert asked == {found.ok().label for found in document.get_all_operations()}


def must_be_true(document: Any) -> set[str]:
    """Asks all that there is to ask; returns what was asked."""
    asked, broken = set[str](), []
    for event in from_schema(document).execute():
        if isinstance(event, told.NonFatalError | told.FatalError):
            broken.append(str(event))
        if isinstance(event, told.ScenarioFinished):
            asked.add(str(event.label))
            broken += _broken(event)
    assert not broken, "\n".join(broken)
    return asked


def _broken(event: told.ScenarioFinished) -> Iterator[str]:
    for case_id, checks in event.recorder.checks.items():
        for check in checks:
            if check.failure_info is None:
                continue
            answer = event.recorder.interactions[case_id].response
            if answer is not None and _is_excused(check.name, answer):
                continue
            request = event.recorder.interactions[case_id].request
            said = answer.content[:300] if answer else b""
            yield f"{event.label} {check.name}: {check.failure_info.failure.message}" + str(
                (request.uri, (request.body or b"")[:500], said)
            )


def _is_excused(check: str, answer: Any) -> bool:
    if check == _REFUSED:
        # Of many calls the bad rows are refused in the answer, and by themselves.
        return bool(answer.status_code == 207)
    if check == _GONE:
        # A revoked key stays on record, as the document says.
        return bool(answer.json().get("revokedTime"))
    return check == _ACCEPTED and _tells_facts(answer)


def _tells_facts(answer: Any) -> bool:
    errors = json.loads(answer.content)["errors"] if answer.status_code == 422 else []
    return bool(errors) and all(map(is_fact, errors))
