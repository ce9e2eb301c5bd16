"""The local stack: its programs in the order in which they start and stop."""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from cli.dev_stack import processes, temporal_server
from cli.dev_stack.data_dir import DataDir
from cli.dev_stack.ports import USUAL_PORTS, Ports, choose
from cli.dev_stack.processes import WITHOUT_TEMPORAL, Program, StackSite
from cli.dev_stack.supervisor import Supervisor, spawn
from cli.errors import Unusable

READY_SECONDS = 60.0
_POLL_SECONDS = 0.1
#: So many deaths in a row before the stack was ever ready: it never will be.
_HOPELESS = 4

Say = Callable[[str], None]
#: What is still missing, in words.
_Look = Callable[[httpx2.AsyncClient], Coroutine[Any, Any, str]]


@dataclass(frozen=True)
class StackOptions:
    """What `trunkline dev` can be told; port 0 means any free one."""

    data_dir: Path
    host: str = "127.0.0.1"
    ports: Ports = USUAL_PORTS
    carrier_speed: float = 1.0
    workers: int = 1
    #: None: one in `data_dir`. A setting is not heard: it may be the real one.
    database_url: str | None = field(default=None, repr=False)
    #: Settings by which the programs reach each other through something in between.
    detours: Mapping[str, str] = field(default_factory=dict, repr=False)


class Stack:
    """Temporal, carrier, workers and API, each a process that is kept running."""

    def __init__(
        self,
        site: StackSite,
        binary: str,
        environment: Mapping[str, str],
        say: Say,
        workers: int = 1,
    ) -> None:
        self.site = site
        self._binary = binary
        self._environment = environment
        self._say = say
        self._workers = processes.worker_names(workers)
        self._supervisors: dict[str, Supervisor] = {}

    @classmethod
    def prepare(cls, options: StackOptions, say: Say, environment: Mapping[str, str]) -> "Stack":
        """Check all that can be checked before anything starts; raises Unusable."""
        binary = temporal_server.find_binary()
        data = DataDir.open(options.data_dir)
        try:
            ports = choose(options.host, options.ports, data.remembered_ports())
            data.remember_ports(ports)
            secrets, speed = data.secrets(), options.carrier_speed
            site = StackSite(options.host, ports, data, secrets, speed, options.database_url)
        except BaseException:
            data.close()
            raise
        told = processes.environment(site, environment)
        return cls(site, binary, {**told, **options.detours}, say, options.workers)

    @property
    def api_key(self) -> str:
        return self._environment[processes.PREFIX + "BOOTSTRAP_API_KEY"]

    def ready_line(self) -> dict[str, Any]:
        """What is said when all is up."""
        return {
            "ready": True,
            "api": self.site.api_url,
            "temporal": self.site.temporal_address,
            "ui": self.site.ui_url,
            "carrier": self.site.carrier_url,
            "apiKey": self.api_key,
            "dashboard": f"{self.site.api_url}/dashboard",
        }

    async def start(self) -> None:
        """Start every program and return when all of them are up; raises Unusable if one fails."""
        self._keep("temporal", self._temporal_command())
        self._keep("carrier", self._carrier_command())
        await self._prepare()
        self._keep("api", processes.api_command())
        # Before the worker dials anybody: whoever picks up is told by the API what to hear.
        await self._until_ready(self._mute_api)
        address = self._environment[processes.PREFIX + "METRICS_ADDRESS"]
        for place, name in enumerate(self._workers, 1):
            own = processes.worker_environment(self._environment, place, address)
            self._keep(name, processes.worker_command(), own)
        await self._until_ready(self._missing)

    async def stop(self) -> None:
        """End every program, Temporal last, and wait until each process is gone."""
        for names in ((*self._workers, "api"), ("carrier",), ("temporal",)):
            present = [self._supervisors[name] for name in names if name in self._supervisors]
            await asyncio.gather(*(supervisor.stop() for supervisor in present))
        self.site.data.close()

    def kill(self) -> None:
        """End every program at once; `stop` still has to be awaited."""
        for supervisor in self._supervisors.values():
            supervisor.kill()

    def _keep(
        self, name: str, command: tuple[str, ...], environment: Mapping[str, str] | None = None
    ) -> None:
        program = Program(name, command, environment or self._environment)
        supervisor = Supervisor(
            program, self.site.data.log(name), changed=self._write_pids, say=self._say
        )
        self._supervisors[name] = supervisor
        supervisor.start()

    def pids(self) -> dict[str, int]:
        """The processes that run now, by program."""
        running = {name: supervisor.pid for name, supervisor in self._supervisors.items()}
        return {name: pid for name, pid in running.items() if pid is not None}

    def _write_pids(self) -> None:
        self.site.data.write_pids({"supervisor": os.getpid(), **self.pids()})

    def _temporal_command(self) -> tuple[str, ...]:
        return temporal_server.command(
            self._binary,
            host=self.site.host,
            port=self.site.ports.temporal,
            ui_port=self.site.ports.ui,
            file=self.site.data.temporal_file,
        )

    def _carrier_command(self) -> tuple[str, ...]:
        return processes.carrier_command(
            self.site.host,
            self.site.ports.carrier,
            account_sid=self.site.secrets.account_sid,
            auth_token=self.site.secrets.auth_token,
            state=self.site.data.carrier_file,
            speed=self.site.carrier_speed,
        )

    async def _prepare(self) -> None:
        """The database's schema and Temporal's search attributes."""
        name = "preparation"
        log = self.site.data.log(name)
        program = Program(name, processes.preparation_command(), self._environment)
        process = await spawn(program, log)
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            if process.returncode is None:
                process.kill()
            raise
        if code == WITHOUT_TEMPORAL:
            raise Unusable(f"Temporal did not start; {log} says why.")
        if code != 0:
            raise Unusable(f"The database could not be migrated; {log} says why.")

    async def _until_ready(self, look: _Look) -> None:
        end = time.monotonic() + READY_SECONDS
        async with httpx2.AsyncClient(timeout=5, trust_env=False) as client:
            while missing := await look(client):
                self._give_up_if_hopeless()
                if time.monotonic() > end:
                    logs = self.site.data.path / "logs"
                    raise Unusable(f"Not ready after {READY_SECONDS:g} s: {missing}; see {logs}.")
                await asyncio.sleep(_POLL_SECONDS)

    async def _missing(self, client: httpx2.AsyncClient) -> str:
        """What is not up yet; empty when all is."""
        carrier = await _complaint(client, "carrier", f"{self.site.carrier_url}/_sim/faults")
        return carrier or await _complaint(client, "api", f"{self.site.api_url}/readyz")

    async def _mute_api(self, client: httpx2.AsyncClient) -> str:
        return await _complaint(client, "api", f"{self.site.api_url}/healthz")

    def _give_up_if_hopeless(self) -> None:
        for supervisor in self._supervisors.values():
            if supervisor.quick_deaths >= _HOPELESS:
                name, log = supervisor.program.name, supervisor.log
                raise Unusable(f"The {name} ends as soon as it starts; see {log}.")


async def _complaint(client: httpx2.AsyncClient, name: str, url: str) -> str:
    """Why an address does not answer well; empty when it does."""
    try:
        answer = await client.get(url)
    except httpx2.HTTPError:
        return f"{name} does not answer"
    if answer.status_code != 200:
        return f"{name} answers {answer.status_code} {answer.text[:300]}"
    return ""
