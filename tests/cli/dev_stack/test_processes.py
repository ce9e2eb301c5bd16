"""What each program is told."""

import os
import subprocess
from pathlib import Path

import pytest

from cli.dev_stack import processes
from cli.dev_stack.data_dir import DataDir
from cli.dev_stack.ports import Ports
from cli.dev_stack.processes import ROOT, StackSite
from settings import Settings


@pytest.fixture
def site(tmp_path: Path) -> StackSite:
    data = DataDir.open(tmp_path)
    return StackSite("127.0.0.1", Ports(8000, 7233, 8233, 8010), data, data.secrets())


def names(environment: dict[str, str]) -> set[str]:
    return {name for name in environment if name.startswith(processes.PREFIX)}


def test_the_stack_is_described_by_settings_that_exist(site: StackSite):
    known = {f"{processes.PREFIX}{name.upper()}" for name in Settings.model_fields}

    assert names(processes.environment(site, {})) <= known


def test_the_settings_read_back_as_the_stack_means_them(
    site: StackSite, monkeypatch: pytest.MonkeyPatch
):
    for name in names(dict(os.environ)):
        monkeypatch.delenv(name)
    for name, value in processes.environment(site, {}).items():
        monkeypatch.setenv(name, value)

    settings = Settings()

    assert settings.database_url == site.data.database_url
    assert settings.temporal_address == "127.0.0.1:7233"
    assert settings.temporal_tls is False
    assert settings.temporal_api_key.get_secret_value() == ""
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.twilio_api_url == "http://127.0.0.1:8010"
    assert settings.fallback_url == "http://127.0.0.1:8010/_sim/sorry"
    assert settings.phones_are_simulated


def test_a_persons_settings_are_passed_on(site: StackSite):
    given = {"TRUNKLINE_BOOTSTRAP_API_KEY": "mine", "TRUNKLINE_UNKNOWN_QUIET_SECONDS": "4"}

    told = processes.environment(site, given)

    assert given.items() <= told.items()


def test_an_empty_api_key_does_not_replace_the_one_that_was_made(site: StackSite):
    told = processes.environment(site, {"TRUNKLINE_BOOTSTRAP_API_KEY": ""})

    assert told["TRUNKLINE_BOOTSTRAP_API_KEY"] == site.secrets.api_key


def test_a_real_carriers_account_never_reaches_the_simulated_stack(site: StackSite):
    given = {
        "TRUNKLINE_TWILIO_ACCOUNT_SID": "ACreal",
        "TRUNKLINE_TWILIO_AUTH_TOKEN": "real",
        "TRUNKLINE_TWILIO_API_URL": "",
        "TRUNKLINE_DATABASE_URL": "postgresql://production",
        "TRUNKLINE_READ_DATABASE_URL": "postgresql://replica-of-production",
        "TRUNKLINE_BUILD_ID": "of-production",
    }

    told = processes.environment(site, given)

    assert not given.items() & told.items()


def test_a_file_with_a_secret_of_elsewhere_never_reaches_the_simulated_stack(site: StackSite):
    given = {
        "TRUNKLINE_TWILIO_AUTH_TOKEN_FILE": "/run/secrets/real",
        "TRUNKLINE_DATABASE_PASSWORD_FILE": "/run/secrets/database",
        "TRUNKLINE_TEMPORAL_TLS_KEY_FILE": "/run/secrets/temporal",
    }

    assert not given.keys() & processes.environment(site, given).keys()


def test_a_stack_that_listens_everywhere_is_reached_at_home(site: StackSite):
    everywhere = StackSite("0.0.0.0", site.ports, site.data, site.secrets)

    assert everywhere.api_url == "http://127.0.0.1:8000"
    assert processes.environment(everywhere, {})["TRUNKLINE_API_HOST"] == "0.0.0.0"


def test_secrets_do_not_show_when_a_site_is_printed(site: StackSite):
    assert site.secrets.auth_token not in repr(site)


def test_parts_come_from_this_source_tree_wherever_the_command_is_typed(
    site: StackSite, tmp_path: Path
):
    (tmp_path / "policy.py").write_text("raise SystemExit('the wrong one')")

    found = subprocess.run(
        [processes.worker_command()[0], "-c", "import policy; print(policy.__file__)"],
        env=processes.environment(site, {"PATH": os.environ["PATH"]}),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout.strip() == str(ROOT / "policy" / "__init__.py")


def test_time_zones_come_from_the_pinned_data(site: StackSite):
    assert processes.environment(site, {})["PYTHONTZPATH"] == ""
