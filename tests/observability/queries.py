"""What a query of PromQL may name, and what it does."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

from observability import metrics

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "trunkline.json"
#: Of Temporal's SDK and of Python, as a worker that has done some work shows them.
OTHERS = {
    *("up", "process_cpu_seconds_total"),
    "temporal_worker_task_slots_available",
    "temporal_workflow_task_execution_failed",
    "temporal_workflow_task_schedule_to_start_latency_bucket",
}
#: Labels that Prometheus and Temporal's SDK add.
OTHER_LABELS = {"instance", "job", "le", "worker_type"}
_WORD = re.compile(r"\b(?:trunkline|temporal|process)_\w+|\bup\b")


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def dashboard_queries() -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


def labels_by_name() -> dict[str, set[str]]:
    """Of each series of ours, as it is read."""
    found: dict[str, set[str]] = {}
    for one in metrics.FROM_DATABASE:
        found[one.name + "_total" * (one.type == "counter")] = set(one.labels)
    for family in metrics.of_process():
        labels = set(metrics.labels_of(family.name))
        for suffix in _SUFFIXES[family.type]:
            found[family.name + suffix] = labels
    return found


_SUFFIXES = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_count", "_sum"),
}


def named_in(query: str) -> set[str]:
    """The series that a query names."""
    return set(_WORD.findall(re.sub(r'"[^"]*"', '""', query)))


def labels_in(query: str) -> set[str]:
    """The labels that it chooses by, or keeps."""
    chosen = re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"", query)
    kept = re.findall(r"(?:by|on|group_left)\s*\(([^)]*)\)", query)
    return {*chosen, *(name for some in kept for name in re.findall(r"\w+", some))}
