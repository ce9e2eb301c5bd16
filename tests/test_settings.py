"""Settings: every one documented with its default; what is read from where."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy.engine import make_url

from secret_files import MAX_BYTES, UnusableFile
from settings import PREFIX, Settings, load_settings

EXAMPLE = Path(__file__).parent.parent / ".env.example"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    monkeypatch.delenv(f"{PREFIX}ENV_FILE", raising=False)
    monkeypatch.chdir(tmp_path)


def documented() -> dict[str, str]:
    lines = EXAMPLE.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def as_text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return value if isinstance(value, str) else json.dumps(value)


def test_every_setting_stands_in_the_example_with_its_default():
    defaults = {
        PREFIX + name.upper(): as_text(field.default)
        for name, field in Settings.model_fields.items()
    }
    assert documented() == defaults


def test_every_setting_has_a_comment_and_a_description():
    lines = EXAMPLE.read_text().splitlines()
    groups = "\n".join(lines).split("\n\n")
    assert all(group.startswith("# ") for group in groups)
    undescribed = [name for name, field in Settings.model_fields.items() if not field.description]
    assert undescribed == []


def test_the_example_can_be_used_as_it_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(f"{PREFIX}ENV_FILE", str(EXAMPLE))
    assert load_settings() == Settings()


def test_the_environment_wins_over_a_local_env_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / ".env").write_text("TRUNKLINE_API_PORT=9001\nTRUNKLINE_API_HOST=0.0.0.0\n")
    monkeypatch.setenv("TRUNKLINE_API_PORT", "9002")
    loaded = load_settings()
    assert (loaded.api_port, loaded.api_host) == (9002, "0.0.0.0")


def test_settings_made_without_load_settings_read_no_file(tmp_path: Path):
    (tmp_path / ".env").write_text("TRUNKLINE_API_PORT=9001\n")
    assert Settings().api_port == 8000


def test_a_named_env_file_that_is_missing_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(f"{PREFIX}ENV_FILE", "nowhere.env")
    with pytest.raises(FileNotFoundError, match=r"nowhere\.env"):
        load_settings()


def test_a_bootstrap_key_that_never_ends_is_refused_in_production():
    key = SecretStr("k3y")
    for here in ("http://127.0.0.1:8000", "http://localhost:8000"):
        assert (
            Settings(public_url=here, bootstrap_api_key=key, bootstrap_key_days=0).bootstrap_lasts
            is None
        )
    there = "https://calls.example.com"
    with pytest.raises(ValidationError, match="TRUNKLINE_BOOTSTRAP_KEY_DAYS") as refused:
        Settings(public_url=there, bootstrap_api_key=key, bootstrap_key_days=0)
    # How it is mended, and no word of the key.
    assert "such as 30" in str(refused.value)
    assert "people invite" in str(refused.value)
    lasts = Settings(public_url=there, bootstrap_api_key=key).bootstrap_lasts
    assert lasts == timedelta(days=30)


def test_secrets_are_not_shown():
    shown = repr(
        Settings(twilio_auth_token=SecretStr("s3cret"), bootstrap_api_key=SecretStr("k3y"))
    )
    assert "s3cret" not in shown
    assert "k3y" not in shown


@pytest.mark.parametrize(
    ("simulated", "url", "waives"),
    [(True, "http://sim", True), (True, "", False), (False, "http://sim", False)],
)
def test_calling_hours_are_waived_only_against_a_simulated_carrier(
    simulated: bool, url: str, waives: bool
):
    chosen = Settings(simulated_phones=simulated, twilio_api_url=url)
    assert chosen.phones_are_simulated is waives


@pytest.mark.parametrize(
    ("name", "value"),
    [("LOG_LEVEL", "LOUD"), ("API_PORT", "70000"), ("MAX_CONCURRENT_WORKFLOW_TASKS", "0")],
)
def test_a_value_that_makes_no_sense_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
):
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(ValidationError):
        Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "calls.example.com"),
        ("PUBLIC_URL", ""),
        ("PUBLIC_URL", "ftp://calls.example.com"),
        ("PUBLIC_URL", "https://calls.example.com:many"),
        ("TWILIO_API_URL", "api.twilio.com"),
        ("TWILIO_API_URL", "https://"),
        ("TEMPORAL_UI_URL", "here"),
        ("TEMPORAL_ADDRESS", "localhost"),
        ("DATABASE_URL", "mysql://localhost/trunkline"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
):
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(ValidationError) as refused:
        load_settings()
    assert [error["loc"] for error in refused.value.errors()] == [(name.lower(),)]


def test_a_setting_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "token").write_text("s3cret\n")
    (tmp_path / ".env").write_text(f"TRUNKLINE_PRIVACY_KEY_FILE={tmp_path / 'token'}\n")
    monkeypatch.setenv("TRUNKLINE_TWILIO_AUTH_TOKEN_FILE", str(tmp_path / "token"))
    # As a copy of the example has it.
    monkeypatch.setenv("TRUNKLINE_TWILIO_AUTH_TOKEN", "")
    loaded = load_settings()
    assert loaded.twilio_auth_token.get_secret_value() == "s3cret"
    assert loaded.privacy_key.get_secret_value() == "s3cret"


def test_the_environment_wins_over_a_file_that_the_env_file_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / ".env").write_text("TRUNKLINE_TWILIO_AUTH_TOKEN_FILE=/of/elsewhere\n")
    monkeypatch.setenv("TRUNKLINE_TWILIO_AUTH_TOKEN", "here")
    with pytest.raises(UnusableFile, match="cannot be read"):
        load_settings()
    (tmp_path / "elsewhere").write_text("there")
    (tmp_path / ".env").write_text(f"TRUNKLINE_TWILIO_AUTH_TOKEN_FILE={tmp_path / 'elsewhere'}\n")
    assert load_settings().twilio_auth_token.get_secret_value() == "here"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "cannot be read"),
        (b"x" * (MAX_BYTES + 1), "more than"),
        (b"s3cret \xff", "not text"),
    ],
)
def test_a_file_that_cannot_be_a_setting_is_named_and_its_content_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, fault: str
):
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    monkeypatch.setenv("TRUNKLINE_TWILIO_AUTH_TOKEN_FILE", str(tmp_path / "token"))
    with pytest.raises(UnusableFile, match=fault) as refused:
        load_settings()
    assert "TRUNKLINE_TWILIO_AUTH_TOKEN_FILE" in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_setting_and_its_file_at_once_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "token").write_text("one")
    monkeypatch.setenv("TRUNKLINE_TWILIO_AUTH_TOKEN", "another")
    monkeypatch.setenv("TRUNKLINE_TWILIO_AUTH_TOKEN_FILE", str(tmp_path / "token"))
    with pytest.raises(UnusableFile, match="both set"):
        load_settings()


def test_a_password_goes_into_the_address_of_the_database_and_is_not_shown():
    chosen = Settings(
        database_url="postgresql+psycopg://trunkline@db:5432/calls",
        database_password=SecretStr("a/b@c d"),
    )
    assert chosen.database == "postgresql+psycopg://trunkline:a%2Fb%40c%20d@db:5432/calls"
    assert make_url(chosen.database).password == "a/b@c d"
    assert "a/b@c" not in repr(chosen)


@pytest.mark.parametrize("url", ["sqlite:///x.db", "postgresql://a:b@c/d", "postgresql:///d"])
def test_a_password_without_a_place_is_refused(url: str):
    with pytest.raises(ValidationError, match="no password of its own"):
        Settings(database_url=url, database_password=SecretStr("x"))


def test_no_twilio_address_means_the_real_twilio(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(f"{PREFIX}TWILIO_API_URL", "")
    assert load_settings().twilio_api_url == ""


@pytest.mark.parametrize(
    ("former", "ends"),
    [("token", ""), ("", "2027-03-05T17:00:00Z"), ("token", "2027-03-05T17:00:00"), ("token", "x")],
)
def test_a_former_token_has_an_end_that_is_an_instant(former: str, ends: str):
    with pytest.raises(ValidationError):
        Settings(twilio_former_auth_token=SecretStr(former), twilio_former_token_ends=ends)
