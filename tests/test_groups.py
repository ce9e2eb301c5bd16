"""Which tests share a worker."""

from pathlib import Path

import pytest

from tests.conftest import GROUPS, group_of

ROOT = Path(__file__).parents[1]


def test_every_module_that_is_given_a_group_is_there() -> None:
    assert [module for module in GROUPS if not (ROOT / module).is_file()] == []


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        ("tests/e2e/test_chaos.py::test_a[worker]", "chaos"),
        ("tests/e2e/test_gateway.py::test_a", "stack"),
        ("tests/storage/calls/test_calls.py::test_a[postgresql-1]", "postgres"),
        (
            "tests/storage/calls/test_calls.py::test_a[sqlite-1]",
            "tests/storage/calls/test_calls.py",
        ),
    ],
)
def test_a_group_is_that_of_the_server_else_of_the_module(nodeid: str, group: str) -> None:
    assert group_of(nodeid) == group
