"""What is imported before the workers are forked."""

from pathlib import Path

import pytest

from tests.forked_workers import modules

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("arg", "name"),
    [
        ("tests/test_groups.py", "tests.test_groups"),
        (
            "tests/test_groups.py::test_every_module_that_is_given_a_group_is_there",
            "tests.test_groups",
        ),
        ("tests", "tests.e2e.browser.test_calls"),
        (str(ROOT / "tests" / "e2e"), "tests.e2e.browser.test_calls"),
    ],
)
def test_the_modules_that_pytest_is_told_of_are_named(arg: str, name: str) -> None:
    assert name in [*modules(ROOT, [arg])]


def test_nothing_is_named_that_is_not_asked_for() -> None:
    asked = ["tests/test_groups.py", "tests/deploy", "/elsewhere/test_groups.py"]
    found = {name.rpartition(".")[0] for name in modules(ROOT, asked)}
    assert found == {"tests", "tests.deploy"}
