"""What each part is told."""

import os
import subprocess
from pathlib import Path

import pytest

from cli import parts
from cli.data_dir import DataDir
from cli.parts import ROOT, Site
from cli.ports import Ports
from settings import Settings


@pytest.fixture
def site(tmp_path: Path) -> Site:
    data = DataDir.open(tmp_path)
    return Site("127.0.0.1", Ports(8000, 7233, 8233, 8010), data, data.secrets())


def names(environment: dict[str, str]) -> set[str]:
    return {name for name in environment if name.startswith(parts.PREFIX)}


def test_the_stack_is_described_by_settings_that_exist(site: Site):
    known = {f"{parts.PREFIX}{name.upper()}" for name in Settings.model_fields}

    assert names(parts.environment(site, {})) <= known


def test_the_settings_read_back_as_the_stack_means_them(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    for name in names(dict(os.environ)):
        monkeypatch.delenv(name)
    for name, value in parts.environment(site, {}).items():
        monkeypatch.setenv(name, value)

    settings = Settings()

    assert settings.database_url == site.data.database_url
    assert settings.temporal_address == "127.0.0.1:7233"
    assert settings.temporal_tls is False
    assert settings.temporal_api_key.get_secret_value() == ""
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.twilio_api_url == "http://127.0.0.1:8010"
    assert settings.phones_are_simulated


def test_a_persons_settings_are_passed_on(site: Site):
    given = {"TRUNKLINE_BOOTSTRAP_API_KEY": "mine", "TRUNKLINE_UNKNOWN_QUIET_SECONDS": "4"}

    told = parts.environment(site, given)

    assert given.items() <= told.items()


def test_an_empty_api_key_does_not_replace_the_one_that_was_made(site: Site):
    told = parts.environment(site, {"TRUNKLINE_BOOTSTRAP_API_KEY": ""})

    assert told["TRUNKLINE_BOOTSTRAP_API_KEY"] == site.secrets.api_key


def test_a_real_carriers_account_never_reaches_the_simulated_stack(site: Site):
    given = {
        "TRUNKLINE_TWILIO_ACCOUNT_SID": "ACreal",
        "TRUNKLINE_TWILIO_AUTH_TOKEN": "real",
        "TRUNKLINE_TWILIO_API_URL": "",
        "TRUNKLINE_DATABASE_URL": "postgresql://production",
    }

    told = parts.environment(site, given)

    assert not given.items() & told.items()


def test_a_stack_that_listens_everywhere_is_reached_at_home(site: Site):
    everywhere = Site("0.0.0.0", site.ports, site.data, site.secrets)

    assert everywhere.api_url == "http://127.0.0.1:8000"
    assert parts.environment(everywhere, {})["TRUNKLINE_API_HOST"] == "0.0.0.0"


def test_secrets_do_not_show_when_a_site_is_printed(site: Site):
    assert site.secrets.auth_token not in repr(site)


def test_parts_come_from_this_source_tree_wherever_the_command_is_typed(site: Site, tmp_path: Path):
    (tmp_path / "policy.py").write_text("raise SystemExit('the wrong one')")

    found = subprocess.run(
        [parts.worker_command()[0], "-c", "import policy; print(policy.__file__)"],
        env=parts.environment(site, {"PATH": os.environ["PATH"]}),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout.strip() == str(ROOT / "policy" / "__init__.py")


def test_time_zones_come_from_the_pinned_data(site: Site):
    assert parts.environment(site, {})["PYTHONTZPATH"] == ""
