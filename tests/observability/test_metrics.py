"""The page of metrics is what the code counts; labels have few values, and none is a person's."""

import re

from observability import metrics
from policy.dispatch.start_targets import TARGETS, band_of
from tests.observability.queries import ROOT, labels_by_name

OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
_ROW = re.compile(
    r"^\| `(trunkline_\w+)` \| (\w+) \| ([^|]*)\| ([^|]+) \| (API|worker|both) \|$", re.M
)


def in_code() -> dict[str, tuple[str, str, str]]:
    found: dict[str, tuple[str, str, str]] = {
        one.name + "_total" * (one.type == "counter"): (
            one.type, ", ".join(f"`{label}`" for label in one.labels), one.says,
        )
        for one in metrics.FROM_DATABASE
    }  # fmt: skip
    for family in metrics.of_process():
        labels = ", ".join(f"`{label}`" for label in metrics.labels_of(family.name))
        name = family.name + "_total" * (family.type == "counter")
        found[name] = (family.type, labels, family.documentation)
    return found


def test_the_page_lists_every_metric_with_type_labels_and_meaning():
    on_page = {
        name: (kind, labels.strip(), says)
        for name, kind, labels, says, _ in _ROW.findall(OPERATIONS)
    }
    assert on_page == in_code()


def test_no_label_is_about_a_person_or_one_call():
    labels = {label for some in labels_by_name().values() for label in some}
    assert labels == {
        *("agent", "disconnected", "for", "kind", "loop", "method", "outcome", "part", "priority"),
        *("reason", "result", "route", "state", "status", "version"),
    }


def test_every_priority_has_one_line_of_the_products_table():
    assert [band_of(priority) for priority in range(10, -1, -1)] == [
        one.band for one in TARGETS for _ in range(one.lowest, one.highest + 1)
    ]
    assert [one.seconds for one in TARGETS] == sorted(one.seconds for one in TARGETS)


def test_a_target_is_a_bound_of_the_buckets():
    bounds = set(metrics.PERMISSION_SECONDS._upper_bounds)
    assert {float(one.seconds) for one in TARGETS} <= bounds
