"""docker-compose.yml against the code, and against what the images of others are known to read."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from api.http import health
from cli.dev_stack.processes import PATIENCE, PREFIX, ROOT
from cli.dev_stack.temporal_server import DYNAMIC_CONFIG
from cli.main import COMMANDS, trunkline
from secret_files import SUFFIX
from settings import Settings
from simulator.app import create_app
from simulator.config import SimulatorConfig
from storage.carriers.sealer import Sealer
from tests.deploy.compose_file import (
    COMPOSE,
    OURS,
    SECRETS,
    SERVICES,
    TEXT,
    THEIRS,
    environment,
    mounts,
    words,
)
from worker import GRACE

SETTINGS = {PREFIX + name.upper() for name in Settings.model_fields}
#: Of Compose's own use: how many workers, and where the secrets are.
OF_COMPOSE = {f"{PREFIX}WORKER_REPLICAS", f"{PREFIX}SECRETS"}
SECRET = {
    PREFIX + name.upper()
    for name, field in Settings.model_fields.items()
    if "SecretStr" in str(field.annotation)
}
#: What each image of others listens on, by its documentation.
PORTS = {"temporal": "7233", "temporal-ui": "8080"}
#: Read by the embedded configuration of Temporal's server 1.32, its entry point, or our script.
OF_TEMPORAL = {
    "DB",
    "DB_PORT",
    "POSTGRES_SEEDS",
    "POSTGRES_USER",
    "POSTGRES_PWD_FILE",
    "BIND_ON_IP",
    "NUM_HISTORY_SHARDS",
    "DYNAMIC_CONFIG_FILE_PATH",
}
OF_SCHEMA_TOOL = {"SQL_PLUGIN", "SQL_HOST", "SQL_PORT", "SQL_USER", "SQL_PASSWORD_FILE"}


def test_every_setting_named_in_the_file_exists():
    named = set(re.findall(rf"{PREFIX}\w+", TEXT))

    assert named
    assert named <= SETTINGS | {name + SUFFIX for name in SETTINGS} | OF_COMPOSE


@pytest.mark.parametrize("name", OURS)
def test_each_part_of_ours_runs_a_command_with_options_that_exist(name: str):
    command, *options = SERVICES[name]["command"]
    assert command in {one.name for one in COMMANDS}

    known = {
        opt
        for parameter in trunkline().commands[command].loaded().params  # type: ignore[attr-defined]
        for opt in parameter.opts
    }
    assert {option for option in options if option.startswith("--")} <= known


def test_its_settings_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment("api").items():
        if name.endswith(SUFFIX):
            secret = tmp_path / Path(value).name
            secret.write_text("tl_secret\n")
            value = str(secret)
        monkeypatch.setenv(name, value)

    told = Settings()

    assert told.database == "postgresql+psycopg://trunkline:tl_secret@postgres:5432/trunkline"
    assert told.twilio_auth_token.get_secret_value() == "tl_secret"
    # By default the real Twilio under an account that is none: nobody is dialed.
    assert told.twilio_api_url == ""
    assert not told.phones_are_simulated


def test_all_of_ours_are_told_the_same():
    assert {str(environment(name)) for name in OURS} == {str(environment("api"))}


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_stands_in_an_environment(name: str):
    told = environment(name)
    for key in told:
        assert not re.search(r"(PASSWORD|PWD|TOKEN|SECRET|_KEY)$", key), key
    assert not any(re.search(r"://[^/@]*:[^/@]*@", value) for value in told.values())
    assert not SECRET & told.keys()


@pytest.mark.parametrize("name", SERVICES)
def test_each_file_with_a_secret_is_one_that_the_service_is_given(name: str):
    wanted = {value for key, value in environment(name).items() if key.endswith("_FILE")}
    given = {str(SECRETS / one) for one in SERVICES[name].get("secrets", [])}
    assert wanted == given


def test_one_command_makes_every_secret_and_no_second_time(tmp_path: Path):
    make = [str(ROOT / "deploy" / "make-secrets.sh"), str(tmp_path / "secrets")]
    subprocess.run(make, check=True, capture_output=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    subprocess.run(make, check=True, capture_output=True)

    assert made.keys() == COMPOSE["secrets"].keys()
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made
    assert len(set(made.values())) == len(made)
    # Temporal's configuration puts it between quotes.
    assert re.fullmatch(r"[0-9a-f]{64}", made["postgres_password"])
    assert len(Sealer.of(made["secret_keys"]).keys) == 1
    assert oct((tmp_path / "secrets").stat().st_mode)[-3:] == "700"


@pytest.mark.parametrize("name", SERVICES)
def test_every_file_that_is_mounted_or_run_is_there(name: str):
    held = mounts(name)
    assert all((ROOT / outside).is_file() for outside in held.values())
    assert all(path.endswith(":ro") for path in SERVICES[name].get("volumes", []) if path[0] == ".")
    scripts = {word for word in words(SERVICES[name]) if word.startswith("/scripts/")}
    assert scripts <= held.keys()
    for script in scripts:
        subprocess.run(["sh", "-n", str(ROOT / held[script])], check=True)


def test_every_volume_network_and_secret_is_declared():
    for service in SERVICES.values():
        named = [one.split(":")[0] for one in service.get("volumes", [])]
        assert {one for one in named if one[0] not in "./"} <= COMPOSE["volumes"].keys()
        assert set(service.get("networks", [])) <= COMPOSE["networks"].keys()
        assert set(service.get("secrets", [])) <= COMPOSE["secrets"].keys()


@pytest.mark.parametrize("name", ["postgres", "temporal", "api", "carrier"])
def test_whoever_is_waited_for_has_a_health_check(name: str):
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_only_for_what_can_come(name: str):
    for other, how in SERVICES[name].get("depends_on", {}).items():
        waited_for = SERVICES[other]
        if how["condition"] == "service_healthy":
            assert "test" in waited_for["healthcheck"]
        else:
            assert how["condition"] == "service_completed_successfully"
            assert waited_for["restart"].startswith("on-failure")


@pytest.mark.parametrize(
    ("name", "port", "routes"),
    [
        ("api", environment("api")["TRUNKLINE_API_PORT"], {r.path for r in health.router.routes}),  # type: ignore[attr-defined]
        ("worker", "9465", {"/metrics", "/healthz", "/readyz"}),
        ("carrier", "8010", set(create_app(SimulatorConfig()).openapi()["paths"])),
    ],
)
def test_a_health_check_asks_what_listens_there(name: str, port: str, routes: set[str]):
    asked = re.search(
        r"http://127\.0\.0\.1:(\d+)(/[\w/]+)", SERVICES[name]["healthcheck"]["test"][-1]
    )

    assert asked is not None
    assert asked[1] == port
    assert asked[2] in routes


def test_what_is_published_is_listened_on_and_stays_on_this_machine():
    listened = {**PORTS, "api": environment("api")["TRUNKLINE_API_PORT"]}
    listened["carrier"] = words(SERVICES["carrier"])[words(SERVICES["carrier"]).index("--port") + 1]
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert published.keys() == listened.keys()
    for name, (port,) in published.items():
        host, _, inside = port.split(":")
        assert (host, inside) == ("127.0.0.1", listened[name])


def test_the_simulated_carrier_and_the_api_are_named_as_their_services():
    assert "TRUNKLINE_TWILIO_API_URL=http://carrier:8010" in TEXT
    assert environment("api")["TRUNKLINE_PUBLIC_URL"] == "http://api:8000"
    assert environment("api")["TRUNKLINE_TEMPORAL_ADDRESS"] == "temporal:7233"


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_as_little_as_it_can(name: str):
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    # PostgreSQL begins as root and gives that up.
    assert ("cap_add" in service) is (name == "postgres")
    assert not service.get("privileged")
    if service.get("restart") == "unless-stopped" and name in OURS:
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}


def test_the_database_is_reached_from_within_only():
    assert COMPOSE["networks"]["data"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == ["data"]
    assert "ports" not in SERVICES["postgres"]


@pytest.mark.parametrize("name", THEIRS)
def test_images_of_others_are_pinned(name: str):
    assert re.fullmatch(r"[\w/-]+:\d+\.\d+(\.\d+)?", SERVICES[name]["image"])


def test_workers_can_be_many_and_end_well():
    worker = SERVICES["worker"]
    assert "container_name" not in worker
    assert "ports" not in worker
    assert "WORKER_REPLICAS" in worker["deploy"]["replicas"]
    given = int(worker["stop_grace_period"].removesuffix("s"))
    assert given > max(PATIENCE["worker"], GRACE.total_seconds())


# -- what the images of Temporal read


def test_temporals_server_gets_the_dynamic_configuration_that_it_does_not_start_without():
    path = environment("temporal")["DYNAMIC_CONFIG_FILE_PATH"]
    held = yaml.safe_load((ROOT / mounts("temporal")[path]).read_text())

    assert {key: text(one["value"]) for key, (one,) in held.items()} == DYNAMIC_CONFIG


def text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_temporals_images_are_told_what_they_read_and_nothing_else():
    assert environment("temporal").keys() == OF_TEMPORAL
    assert environment("temporal-schema").keys() == OF_SCHEMA_TOOL
    server, schema = SERVICES["temporal"]["image"], SERVICES["temporal-schema"]["image"]
    assert server.split(":")[1] == schema.split(":")[1]
    assert environment("temporal")["DB"] == environment("temporal-schema")["SQL_PLUGIN"]
    assert (
        environment("temporal-namespace")["TEMPORAL_NAMESPACE"]
        == (environment("api")["TRUNKLINE_TEMPORAL_NAMESPACE"])
    )


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """`temporal` and `temporal-sql-tool` that only write down what they are told."""
    for name in ("temporal", "temporal-sql-tool"):
        tool = tmp_path / name
        tool.write_text(
            '#!/bin/sh\necho "$(basename "$0")" "$@" "[${SQL_PASSWORD:-}]" >>"$SAID"\n'
            'case "$*" in *" create"|*describe*) exit 1;; esac\n'
        )
        tool.chmod(0o755)
    return tmp_path


def run(script: str, tools: Path, **told: str) -> list[str]:
    said = tools / "said"
    subprocess.run(
        ["sh", str(ROOT / "deploy" / "temporal" / script)],
        env={**told, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "SAID": str(said)},
        check=True,
        capture_output=True,
    )
    return said.read_text().splitlines()


def test_both_databases_of_temporal_are_brought_to_the_schema_of_the_image(tools: Path):
    (tools / "password").write_text("s3cret\n")
    said = run("schema.sh", tools, SQL_PASSWORD_FILE=str(tools / "password"))

    folder = "/etc/temporal/schema/postgresql/v12"
    assert said == [
        f"temporal-sql-tool --db {database} {step} [s3cret]"
        for database, kind in (("temporal", "temporal"), ("temporal_visibility", "visibility"))
        for step in (
            "create",
            "setup-schema -v 0.0",
            f"update-schema -d {folder}/{kind}/versioned",
        )
    ]


def test_a_namespace_is_made_where_there_is_none(tools: Path):
    told = {
        name: environment("temporal-namespace")[name]
        for name in ("TEMPORAL_NAMESPACE", "RETENTION")
    }
    said = run("namespace.sh", tools, TEMPORAL_ADDRESS="temporal:7233", **told)

    assert said == [
        "temporal operator cluster health []",
        "temporal operator namespace describe --namespace default []",
        "temporal operator namespace create --namespace default --retention 30d []",
    ]
