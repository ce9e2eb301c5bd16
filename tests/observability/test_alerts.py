"""Every alert fires in the situation that it is for, and none while all is well."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from policy.dispatch.start_targets import TARGETS
from tests.observability.queries import (
    OTHER_LABELS,
    OTHERS,
    ROOT,
    RULES,
    dashboard_queries,
    labels_by_name,
    labels_in,
    named_in,
    rules,
)

RUNBOOKS = (ROOT / "docs" / "runbooks.md").read_text()
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool of Prometheus is not here")
MINUTES = 40
Series = dict[str, str]

#: For all the time: a constant, or so much more each minute.
WELL: Series = {
    'up{job="trunkline", instance="api"}': "1+0x40",
    "trunkline_workers": "2+0x40",
    'trunkline_loop_held{loop="sweep"}': "1+0x40",
    'trunkline_loop_last_turn_timestamp_seconds{loop="sweep"}': "0+60x40",
    'trunkline_loop_turns_total{loop="sweep", result="failed"}': "0+0x40",
    "trunkline_database_read": "1+0x40",
    'trunkline_database_statement_seconds_bucket{le="0.5"}': "0+100x40",
    'trunkline_database_statement_seconds_bucket{le="2.5"}': "0+100x40",
    'trunkline_database_statement_seconds_bucket{le="+Inf"}': "0+100x40",
    'trunkline_database_connections{state="used", instance="api"}': "3+0x40",
    "trunkline_calls_without_workflow": "0+0x40",
    'trunkline_queue_calls{agent="a", priority="5"}': "70+0x40",
    'trunkline_decisions_total{kind="dial", reason="first_attempt"}': "0+10x40",
    'trunkline_permission_to_dial_seconds_bucket{priority="5", le="60.0"}': "0+10x40",
    'trunkline_permission_to_dial_seconds_bucket{priority="5", le="300.0"}': "0+10x40",
    'trunkline_permission_to_dial_seconds_bucket{priority="5", le="+Inf"}': "0+10x40",
    'trunkline_dials_total{result="taken"}': "0+10x40",
    'trunkline_dials_total{result="unknown"}': "0+0x40",
    "trunkline_accounts_paused": "0+0x40",
    "trunkline_rules_unreviewed": "0+0x40",
    'trunkline_attempts_open{state="unknown"}': "1+0x40",
    'trunkline_leases{state="expired"}': "1+0x40",
    "trunkline_webhook_overdue_seconds": "2+0x40",
    'trunkline_webhooks{state="failing"}': "0+0x40",
    'trunkline_callbacks_refused_total{reason="signature"}': "0+0x40",
    'trunkline_http_requests_total{method="GET", route="/a", status="200"}': "0+100x40",
    'trunkline_http_requests_total{method="GET", route="/a", status="503"}': "0+1x40",
    'trunkline_http_request_seconds_bucket{route="/twilio/voice/{token}", le="1.0"}': "0+10x40",
    'trunkline_http_request_seconds_bucket{route="/twilio/voice/{token}", le="2.5"}': "0+10x40",
    'trunkline_http_request_seconds_bucket{route="/twilio/voice/{token}", le="5.0"}': "0+10x40",
    'trunkline_http_request_seconds_bucket{route="/twilio/voice/{token}", le="+Inf"}': "0+10x40",
    "temporal_workflow_task_execution_failed": "0+0x40",
    'temporal_worker_task_slots_available{worker_type="ActivityWorker"}': "90+0x40",
    **{
        f'trunkline_due_to_permission_seconds_bucket{{priority="{one.band}", '
        f'le="{one.seconds:.1f}"}}': "0+10x40"
        for one in TARGETS
    },
    **{
        f'trunkline_due_to_permission_seconds_count{{priority="{one.band}"}}': "0+10x40"
        for one in TARGETS
    },
}
#: What is otherwise, by the alert; of `TrunklineCallsLate` all priorities are.
BAD: dict[str, Series] = {
    "TrunklineProcessAway": {'up{job="trunkline", instance="api"}': "0+0x40"},
    "TrunklineNoWorker": {"trunkline_workers": "0+0x40"},
    "TrunklineLoopNotHeld": {'trunkline_loop_held{loop="sweep"}': "0+0x40"},
    "TrunklineLoopStandsStill": {
        'trunkline_loop_last_turn_timestamp_seconds{loop="sweep"}': "30+0x40"
    },
    "TrunklineLoopFails": {'trunkline_loop_turns_total{loop="sweep", result="failed"}': "0+12x40"},
    "TrunklineDatabaseAway": {"trunkline_database_read": "0+0x40"},
    "TrunklineDatabaseSlow": {'trunkline_database_statement_seconds_bucket{le="0.5"}': "0+90x40"},
    "TrunklineConnectionsUsedUp": {
        'trunkline_database_connections{state="used", instance="api"}': "20+0x40"
    },
    "TrunklineCallsWithoutWorkflow": {"trunkline_calls_without_workflow": "3+0x40"},
    "TrunklineQueueStandsStill": {
        'trunkline_decisions_total{kind="dial", reason="first_attempt"}': "9+0x40"
    },
    "TrunklineCallsLate": {
        name: "0+9x40" for name in WELL if name.startswith("trunkline_due_to_permission_seconds_b")
    },
    "TrunklinePaceTooSlow": {
        'trunkline_permission_to_dial_seconds_bucket{priority="5", le="60.0"}': "0+9x40"
    },
    "TrunklineDialsRefused": {'trunkline_dials_total{result="unknown"}': "0+3x40"},
    "TrunklineDialingPaused": {"trunkline_accounts_paused": "1+0x40"},
    "TrunklineRulesUnreviewed": {"trunkline_rules_unreviewed": "2+0x40"},
    "TrunklineAttemptsUnknown": {'trunkline_attempts_open{state="unknown"}': "6+0x40"},
    "TrunklineLeasesExpired": {'trunkline_leases{state="expired"}': "11+0x40"},
    "TrunklineWebhooksLate": {"trunkline_webhook_overdue_seconds": "400+0x40"},
    "TrunklineWebhookFailing": {'trunkline_webhooks{state="failing"}': "1+0x40"},
    "TrunklineCallbacksForged": {'trunkline_callbacks_refused_total{reason="signature"}': "0+2x40"},
    "TrunklineCallbacksSlow": {
        f'trunkline_http_request_seconds_bucket{{route="/twilio/voice/{{token}}", le="{le}"}}': made
        for le, made in {"1.0": "0+1x40", "2.5": "0+5x40", "5.0": "0+10x40"}.items()
    },
    "TrunklineServerErrors": {
        'trunkline_http_requests_total{method="GET", route="/a", status="503"}': "0+3x40"
    },
    "TrunklineWorkflowTasksFail": {"temporal_workflow_task_execution_failed": "0+1x40"},
    "TrunklineWorkerFull": {
        'temporal_worker_task_slots_available{worker_type="ActivityWorker"}': "0+0x40"
    },
}
ALERTS = sorted({rule["alert"] for rule in rules()})


def situation(changes: Series, fire: dict[str, int]) -> dict[str, Any]:
    firing = {"eval_time": f"{MINUTES}m"}
    return {
        "interval": "1m",
        "input_series": [
            {"series": name, "values": values} for name, values in {**WELL, **changes}.items()
        ],
        "promql_expr_test": [
            {
                "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                "exp_samples": [
                    {"labels": f'{{alertname="{name}"}}', "value": number}
                    for name, number in fire.items()
                ],
                **firing,
            }
        ],
    }


def promtool_says(tmp_path: Path, *situations: dict[str, Any]) -> str:
    file = tmp_path / "situations.yml"
    asked = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [*situations]}
    file.write_text(yaml.safe_dump(asked))
    assert PROMTOOL is not None
    done = subprocess.run(
        [PROMTOOL, "test", "rules", str(file)], capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@needs_promtool
def test_no_alert_fires_while_all_is_well(tmp_path: Path):
    assert promtool_says(tmp_path, situation({}, {})) == ""


@needs_promtool
@pytest.mark.parametrize("alert", ALERTS)
def test_each_alert_fires_in_its_situation_and_no_other_does(tmp_path: Path, alert: str):
    number = sum(rule["alert"] == alert for rule in rules())
    assert promtool_says(tmp_path, situation(BAD[alert], {alert: number})) == ""


def test_each_alert_has_a_situation_and_a_run_book():
    assert set(BAD) == set(ALERTS)
    for rule in rules():
        page, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert page == "docs/runbooks.md"
        assert anchor == rule["alert"].lower()
        assert f"\n## {rule['alert']}\n" in RUNBOOKS
    headings = [line[3:] for line in RUNBOOKS.splitlines() if line.startswith("## ")]
    assert sorted(headings) == ALERTS


def test_each_run_book_says_what_it_means_where_to_look_and_what_to_do():
    for section in RUNBOOKS.split("\n## ")[1:]:
        for word in ("**Means.**", "**Look.**", "**Do.**"):
            assert section.count(word) == 1, section.splitlines()[0]


def test_calls_are_late_by_the_products_table():
    held = {
        (rule["labels"]["priority"], float(rule["expr"].split('le="')[1].split('"')[0]))
        for rule in rules()
        if rule["alert"] == "TrunklineCallsLate"
    }
    assert held == {(one.band, float(one.seconds)) for one in TARGETS}


@pytest.mark.parametrize("query", [*(rule["expr"] for rule in rules()), *dashboard_queries()])
def test_every_query_names_metrics_and_labels_that_there_are(query: str):
    known = labels_by_name()
    ours = named_in(query) - OTHERS
    assert named_in(query)
    assert ours <= known.keys()
    part = {"part", "version"} if "trunkline_info" in ours else set()
    labels = {label for name in ours for label in known[name]}
    assert labels_in(query) <= labels | OTHER_LABELS | part
