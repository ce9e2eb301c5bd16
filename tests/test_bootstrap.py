"""What every process does first: secrets that cannot be read end it in a sentence."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bootstrap import readable_rules, sealer
from settings import Settings
from storage.carriers.sealer import new_key


def test_keys_come_from_a_file_or_from_the_environment(tmp_path: Path):
    first, second = new_key(), new_key()
    (tmp_path / "keys").write_text(f"{second}\n{first}\n")
    by_file = sealer(Settings(secret_keys_file=str(tmp_path / "keys")))
    sealed = sealer(Settings(secret_keys=SecretStr(first))).seal("token", "row")
    assert by_file.open(sealed, "row") == "token"
    assert not by_file.is_newest(sealed)


@pytest.mark.parametrize("how", [{"secret_keys_file": "/no/such"}, {"secret_keys": "password"}])
def test_no_process_starts_with_keys_that_cannot_be_read(
    how: dict[str, str], capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as ended, readable_rules():
        sealer(Settings.model_validate(how))
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("trunkline: TRUNKLINE_SECRET_KEYS: ")
    assert "password" not in said
    assert said.count("\n") == 1
