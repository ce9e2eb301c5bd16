"""What docker-compose.yml runs, without containers: `make compose-smoke`.

The same commands with the same settings, in the same order, on free ports of this machine: secrets
from files that deploy/make-secrets.sh makes, PostgreSQL as the tests have it, the namespace by
deploy/temporal/namespace.sh. One call is placed through the simulated carrier, then all is taken
down. What differs: Temporal is its development server, since its server for PostgreSQL is in no
package, and nobody is shut in.

`--python PATH` runs what is installed beside that Python, such as the wheel, instead of this tree.
"""

import argparse
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import yaml

from cli.dev_stack import temporal_server
from cli.dev_stack.ports import Ports, choose
from cli.dev_stack.processes import ROOT, with_sources
from tests.storage.database.postgres import Postgres, running_postgres

BIN = Path(sys.executable).parent
#: As the compose file names them when the simulated carrier is asked for.
CHOSEN = {"TRUNKLINE_TWILIO_API_URL": "http://carrier:8010", "TRUNKLINE_SIMULATED_PHONES": "true"}
PATIENCE = 60.0
SPEED = 20
NUMBER = "+12025550123"


class SmokeFailed(Exception):
    """Something did not come up, or the call did not end as it should."""


@dataclass
class Site:
    """Where each service of the compose file is on this machine."""

    services: dict[str, dict[str, Any]]
    folder: Path
    ports: Ports
    database: str
    python: str = sys.executable
    #: Of the API; the port after it is the worker's.
    metrics: int = 9464
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def here(self, text: str) -> str:
        """A value or a word of a command, with names, ports and files as they are here."""
        text = re.sub(r"\$\{(\w+)(?::-([^}]*))?\}", lambda m: CHOSEN.get(m[1], m[2] or ""), text)
        text = text.replace("@postgres:5432/trunkline", f"@/trunkline?{self.database}")
        for service, port, own in (
            ("temporal", 7233, self.ports.temporal),
            ("api", 8000, self.ports.api),
            ("carrier", 8010, self.ports.carrier),
            ("worker", 9465, self.metrics + 1),
        ):
            text = re.sub(rf"\b({service}|127\.0\.0\.1):{port}\b", f"127.0.0.1:{own}", text)
            text = str(own) if text == str(port) else text
        text = "127.0.0.1" if text == "0.0.0.0" else text
        text = text.replace("0.0.0.0:9464", f"127.0.0.1:{self.metrics}")
        return text.replace("/run/secrets", str(self.secrets)).replace("/data/", f"{self.folder}/")

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    def environment(self, name: str) -> dict[str, str]:
        """The service's own; nothing of ours but where programs are."""
        told = self.services[name].get("environment", {})
        return self.told({key: self.here(str(text)) for key, text in told.items()})

    def told(self, settings: Mapping[str, str]) -> dict[str, str]:
        """These settings, and of ours no more than where programs are."""
        kept = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "HOME": str(self.folder)}
        whole = {**kept, **settings}
        return with_sources(whole) if self.python == sys.executable else whole

    def trunkline(self, *words: str) -> list[str]:
        return [self.python, "-m", "cli.main", *words]

    def command(self, name: str) -> list[str]:
        return self.trunkline(*map(self.here, self.services[name]["command"]))

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


def main(python: str) -> None:
    """Exit code 0: the call ended as its callee dictated, and every process ended well."""
    begun = time.monotonic()
    services = read(ROOT / "docker-compose.yml")["services"]
    try:
        with running_postgres() as server, tempfile.TemporaryDirectory() as folder:
            run(made_site(services, server, Path(folder), python))
    except SmokeFailed as fault:
        sys.exit(f"compose-smoke: {fault}")
    say(f"all well in {time.monotonic() - begun:.0f} s")


def read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.read_text())  # type: ignore[no-untyped-call]
    return found


def made_site(
    services: dict[str, dict[str, Any]], server: Postgres, folder: Path, python: str
) -> Site:
    """The secrets, the ports, and the database with the user and password of the compose file."""
    subprocess.run([ROOT / "deploy" / "make-secrets.sh", folder / "secrets"], check=True)
    password = (folder / "secrets" / "postgres_password").read_text()
    server.execute(
        f"CREATE ROLE trunkline LOGIN PASSWORD '{password}'",
        "CREATE DATABASE trunkline OWNER trunkline",
    )
    place = psycopg.conninfo.conninfo_to_dict(server.url())
    database = f"host={place['host']}&port={place['port']}"
    ports = choose("127.0.0.1", Ports(0, 0, 0, 0))
    metrics = choose("127.0.0.1", Ports(0, 0, 0, 0)).api
    return Site(services, folder, ports, database, python, metrics)


def run(site: Site) -> None:
    with ExitStack() as ends:
        ends.enter_context(temporal(site))
        ends.enter_context(service(site, "carrier"))
        once(site, "migrate")
        namespace(site)
        once(site, "attributes")
        for name in ("api", "worker"):
            ends.enter_context(service(site, name))
        healthy(site, "carrier")
        healthy(site, "api")
        healthy(site, "worker")
        wait_until(lambda: ready(site), "everything ready", site)
        place_a_call(site)


@contextmanager
def temporal(site: Site) -> Iterator[None]:
    """The development server, with the dynamic configuration of the compose file."""
    say("temporal: the development server stands in for the one on PostgreSQL")
    held = read(ROOT / "deploy" / "temporal" / "dynamicconfig.yaml")
    words = {key: json.dumps(one["value"]) for key, (one,) in held.items()}
    command = temporal_server.command(
        temporal_server.find_binary(),
        host="127.0.0.1",
        port=site.ports.temporal,
        ui_port=site.ports.ui,
        file=site.folder / "temporal.db",
    )
    assert {f"{key}={value}" for key, value in words.items()} <= set(command)
    with process(site, "temporal", list(command), dict(os.environ)):
        yield


def namespace(site: Site) -> None:
    say("temporal-namespace")
    script = ["sh", str(ROOT / "deploy" / "temporal" / "namespace.sh")]
    finish(site, "temporal-namespace", script, site.environment("temporal-namespace"))


def once(site: Site, name: str) -> None:
    say(shlex.join(["trunkline", *site.services[name]["command"]]))
    finish(site, name, site.command(name), site.environment(name))


def finish(site: Site, name: str, command: list[str], told: Mapping[str, str]) -> None:
    with site.log(name).open("wb") as log:
        done = subprocess.run(
            command, env=told, stdout=log, stderr=log, cwd=site.folder, timeout=PATIENCE
        )
    if done.returncode:
        raise SmokeFailed(f"{name} ended with {done.returncode}:\n{tail(site.log(name))}")


@contextmanager
def service(site: Site, name: str) -> Iterator[None]:
    say(shlex.join(["trunkline", *map(site.here, site.services[name]["command"])]))
    with process(site, name, site.command(name), site.environment(name)):
        yield


@contextmanager
def process(site: Site, name: str, command: list[str], told: Mapping[str, str]) -> Iterator[None]:
    """Runs until the end, then SIGTERM, as Compose sends it, and SIGKILL for who does not hear."""
    with site.log(name).open("wb") as log:
        running = subprocess.Popen(command, env=told, stdout=log, stderr=log, cwd=site.folder)
    site.running[name] = running
    try:
        yield
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            code = running.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            running.kill()
            code = running.wait()
    if code not in (0, -signal.SIGTERM):
        raise SmokeFailed(f"{name} ended with {code}:\n{tail(site.log(name))}")


def healthy(site: Site, name: str) -> None:
    """Asks as the service's own health check does."""
    check = [site.here(word) for word in site.services[name]["healthcheck"]["test"][1:]]
    check[0] = sys.executable
    wait_until(
        lambda: subprocess.run(check, capture_output=True).returncode == 0, f"{name} healthy", site
    )
    say(f"{name} is healthy")


def ready(site: Site) -> bool:
    try:
        answer = httpx2.get(f"http://127.0.0.1:{site.ports.api}/readyz", timeout=10)
    except httpx2.HTTPError:
        return False
    return answer.status_code == 200


def place_a_call(site: Site) -> None:
    """By the command line, as an operator would."""
    httpx2.put(
        f"http://127.0.0.1:{site.ports.carrier}/_sim/clock", json={"speed": SPEED}
    ).raise_for_status()
    pathway = trunkline(
        site, "pathways", "create", str(ROOT / "examples" / "appointment-reminder.json"), "--quiet"
    ).strip()
    agent = ("--from", str(ROOT / "examples" / "agent.json"), "--pathway", pathway)
    trunkline(site, "agents", "create", "smoke", *agent)
    variables = ("--set", "name=Ada", "--set", "appointment=Monday at nine")
    told = trunkline(site, "call", NUMBER, *variables, "--watch")
    say(told.strip().splitlines()[-1])
    if "confirmed" not in told:
        raise SmokeFailed("the call was not confirmed")


def trunkline(site: Site, *words: str) -> str:
    """What the command line says; its key is the one in the file."""
    server = {
        "TRUNKLINE_URL": f"http://127.0.0.1:{site.ports.api}",
        "TRUNKLINE_KEY": (site.secrets / "bootstrap_api_key").read_text(),
    }
    done = subprocess.run(
        site.trunkline(*words),
        env=site.told(server),
        cwd=site.folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    if done.returncode:
        logs = "".join(f"\n{name}:\n{tail(site.log(name))}" for name in ("worker", "api"))
        raise SmokeFailed(f"trunkline {words[0]} failed: {done.stdout}{done.stderr}{logs}")
    return done.stdout


def wait_until(holds: Callable[[], bool], what: str, site: Site) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        for name, running in site.running.items():
            if running.poll() is not None:
                raise SmokeFailed(f"{name} ended too soon:\n{tail(site.log(name))}")
        if time.monotonic() > end:
            raise SmokeFailed(f"not after {PATIENCE:g} s: {what}")
        time.sleep(0.2)


def tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])


def say(text: str) -> None:
    sys.stdout.write(f"compose-smoke: {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description="What docker-compose.yml runs, in processes.")
    options.add_argument("--python", default=sys.executable)
    main(options.parse_args().python)
