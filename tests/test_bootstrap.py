"""What every process does first: secrets that cannot be read end it in a sentence."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bootstrap import readable_rules, sealer
from settings import Settings
from storage.carriers.sealer import new_key


def test_keys_come_from_a_file_or_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    first, second = new_key(), new_key()
    (tmp_path / "keys").write_text(f"{second}\n{first}\n")
    monkeypatch.setenv("TRUNKLINE_SECRET_KEYS_FILE", str(tmp_path / "keys"))
    by_file = sealer(Settings())
    monkeypatch.delenv("TRUNKLINE_SECRET_KEYS_FILE")
    sealed = sealer(Settings(secret_keys=SecretStr(first))).seal("token", "row")
    assert by_file.open(sealed, "row") == "token"
    assert not by_file.is_newest(sealed)


def test_no_process_starts_with_keys_that_cannot_be_read(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended, readable_rules():
        sealer(Settings(secret_keys=SecretStr("password")))
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("trunkline: TRUNKLINE_SECRET_KEYS: ")
    assert "password" not in said
    assert said.count("\n") == 1
