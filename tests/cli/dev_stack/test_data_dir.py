"""What outlives a stack, and who may use it."""

import json
import stat
from pathlib import Path

import pytest

from cli.dev_stack.data_dir import DataDir, write_atomically
from cli.dev_stack.ports import Ports
from cli.errors import Unusable


def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path: Path):
    first = DataDir.open(tmp_path / "data")
    made = first.secrets()
    first.close()

    again = DataDir.open(tmp_path / "data")

    assert again.secrets() == made
    assert stat.S_IMODE((tmp_path / "data" / "secrets.json").stat().st_mode) == 0o600
    assert made.account_sid.startswith("AC")
    assert len(made.account_sid) == 34


def test_ports_are_remembered(tmp_path: Path):
    data = DataDir.open(tmp_path)
    assert data.remembered_ports() is None

    data.remember_ports(Ports(1, 2, 3, 4))

    assert data.remembered_ports() == Ports(1, 2, 3, 4)


def test_a_second_stack_on_the_same_directory_is_refused(tmp_path: Path):
    held = DataDir.open(tmp_path)

    with pytest.raises(Unusable, match="Another stack is already running"):
        DataDir.open(tmp_path)

    held.close()
    DataDir.open(tmp_path).close()


def test_a_directory_that_cannot_be_made_is_refused_in_one_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("")

    with pytest.raises(Unusable, match="cannot be used: Not a directory"):
        DataDir.open(tmp_path / "file" / "data")


@pytest.mark.parametrize("content", ["not json", '{"other": 1}'])
def test_a_broken_file_is_named(tmp_path: Path, content: str):
    data = DataDir.open(tmp_path)
    (tmp_path / "secrets.json").write_text(content)

    with pytest.raises(Unusable, match=r"secrets\.json"):
        data.secrets()


def test_a_file_is_replaced_at_once_even_over_the_draft_of_a_killed_run(tmp_path: Path):
    target = tmp_path / "pids.json"
    (tmp_path / "pids.json.new").write_text("half a")

    write_atomically(target, {"worker": 1})
    write_atomically(target, {"worker": 2})

    assert json.loads(target.read_text()) == {"worker": 2}
    assert [path.name for path in tmp_path.iterdir()] == ["pids.json"]


def test_the_database_url_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    data = DataDir.open(Path("here"))

    assert data.database_url == f"sqlite+aiosqlite:///{tmp_path}/here/trunkline.db"
