"""A run from its beginning to its report."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2

from cli.chaos.ledgers import Ledgers
from cli.chaos.load import Load, numbers
from cli.chaos.plan import Blow, blows
from cli.chaos.postgres import Postgres
from cli.chaos.relay import Relay
from cli.chaos.report import Report
from cli.chaos.strikes import Striker, Struck
from cli.chaos.verdict import judge
from cli.dev_stack import foreground
from cli.dev_stack.ports import Ports
from cli.dev_stack.processes import PREFIX, worker_names
from cli.dev_stack.stack import Stack, StackOptions
from cli.errors import Interrupted

#: Thirty seconds of ringing take five.
SPEED = 6.0
WORKERS = 2
SETTINGS = {
    f"{PREFIX}SIMULATED_PHONES": "true",
    f"{PREFIX}UNKNOWN_QUIET_SECONDS": "6",
    f"{PREFIX}WATCH_INTERVAL_SECONDS": "1",
    f"{PREFIX}WORKERS": str(WORKERS),
}
#: On top of what is done to the carrier: the faults that any carrier has.
CREATE_FAULTS = {"500_after": 0.03, "drop_response": 0.03, "hang": 0.01}
CALLBACK_FAULTS = {"lost": 0.05, "duplicate": 0.1, "reorder": 0.1, "delay": [0, 2]}
LIST_LAG = 1
#: A blow waits for so many dials, but no longer than this.
_LONGEST_GAP = 12.0
#: What has not ended so long after the last blow counts as lost.
_LAST_CALLS = 300.0
_LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Wanted:
    """What was asked for."""

    calls: int
    kills: int
    seed: int
    data_dir: Path
    on_postgresql: bool = False


async def run(wanted: Wanted, say: Callable[[str], None]) -> Report:
    """Raises Interrupted when a signal comes first, Unusable where no stack can be had."""
    began = time.monotonic()
    async with _stack(wanted) as (stack, interrupted, relays, postgres):
        working = asyncio.create_task(_work(wanted, stack, relays, postgres, say, began))
        signalled = asyncio.create_task(interrupted.wait())
        await asyncio.wait({working, signalled}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            working.cancel()
            await asyncio.wait({working})
            raise Interrupted
        signalled.cancel()
        return working.result()


@asynccontextmanager
async def _stack(
    wanted: Wanted,
) -> AsyncIterator[tuple[Stack, asyncio.Event, dict[str, Relay], Postgres | None]]:
    """A stack whose programs reach each other through relays."""
    async with AsyncExitStack() as held:
        postgres = None
        if wanted.on_postgresql:
            postgres = Postgres()
            held.push_async_callback(postgres.close)
            await postgres.make()
        relays = {name: Relay() for name in ("api", "carrier", "temporal", "database")}
        ports = {name: await relay.open() for name, relay in relays.items()}
        for relay in relays.values():
            held.push_async_callback(relay.close)
        options = _options(wanted, ports, postgres)
        stack = foreground.prepared(options, SETTINGS)
        for name in ("api", "carrier", "temporal"):
            relays[name].to_port(getattr(stack.site.ports, name))
        if postgres is not None:
            relays["database"].to_socket(postgres.socket)
        interrupted = await held.enter_async_context(foreground.started(stack))
        yield stack, interrupted, relays, postgres


def _options(wanted: Wanted, ports: Mapping[str, int], postgres: Postgres | None) -> StackOptions:
    detours = {
        f"{PREFIX}PUBLIC_URL": f"http://127.0.0.1:{ports['api']}",
        f"{PREFIX}TWILIO_API_URL": f"http://127.0.0.1:{ports['carrier']}",
        f"{PREFIX}TEMPORAL_ADDRESS": f"127.0.0.1:{ports['temporal']}",
    }
    url = None if postgres is None else Postgres.url(ports["database"])
    return StackOptions(
        wanted.data_dir,
        ports=Ports(0, 0, 0, 0),
        carrier_speed=SPEED,
        workers=WORKERS,
        database_url=url,
        detours=detours,
    )


async def _work(
    wanted: Wanted,
    stack: Stack,
    relays: dict[str, Relay],
    postgres: Postgres | None,
    say: Callable[[str], None],
    began: float,
) -> Report:
    headers = {"Authorization": f"Bearer {stack.api_key}"}
    endpoints = numbers(wanted.calls)
    plan = blows(
        wanted.kills, wanted.seed, worker_names(WORKERS), on_postgresql=wanted.on_postgresql
    )
    async with httpx2.AsyncClient(
        base_url=stack.site.api_url, headers=headers, timeout=30, trust_env=False
    ) as http:
        await _set_faults(http, stack, wanted.seed)
        ledgers = Ledgers(http, stack.site.carrier_url)
        striker = Striker(stack, http, relays, postgres)
        load = Load(http)
        await load.prepare()
        submitting = asyncio.create_task(load.submit(endpoints))
        try:
            struck = await _strike(plan, load, wanted.calls, striker, ledgers, say)
            await submitting
        finally:
            submitting.cancel()
        await _until_ended(ledgers)
        verdict = judge(load.accepted, endpoints, await ledgers.views(), await ledgers.legs())
    return Report(
        calls=wanted.calls,
        kills=wanted.kills,
        seed=wanted.seed,
        database="PostgreSQL" if wanted.on_postgresql else "SQLite",
        seconds=time.monotonic() - began,
        verdict=verdict,
        struck=struck,
        refusals=load.refusals,
        wrong_answers=load.wrong_answers,
    )


async def _set_faults(http: httpx2.AsyncClient, stack: Stack, seed: int) -> None:
    faults = {
        "create": [
            {"mode": mode, "rate": rate, "seed": seed} for mode, rate in CREATE_FAULTS.items()
        ],
        "callbacks": {**CALLBACK_FAULTS, "seed": seed},
        "listLag": LIST_LAG,
    }
    answer = await http.put(f"{stack.site.carrier_url}/_sim/faults", json=faults)
    answer.raise_for_status()


async def _strike(
    plan: Sequence[Blow],
    load: Load,
    calls: int,
    striker: Striker,
    ledgers: Ledgers,
    say: Callable[[str], None],
) -> list[Struck]:
    """One blow after the other, spread over the dials, so that each falls on work under way."""
    struck: list[Struck] = []
    for number, blow in enumerate(plan):
        await _until_dialed(ledgers, calls * (number + 1) // (len(plan) + 1))
        # While it is struck, more is submitted.
        load.let((number + 1) / len(plan))
        one = await striker.strike(blow)
        struck.append(one)
        told = "never well again" if one.recovered is None else f"well after {one.recovered:.1f} s"
        told = told if one.landed else f"nothing was there to strike, {told}"
        say(f"[{number + 1}/{len(plan)}] {blow.name}: {told}")
    load.let(1.0)
    return struck


async def _until_dialed(ledgers: Ledgers, count: int) -> None:
    async def are_dialed() -> bool:
        return await ledgers.dialed() >= count

    await _until(are_dialed, _LONGEST_GAP)


async def _until_ended(ledgers: Ledgers) -> None:
    async def have_ended() -> bool:
        return not await ledgers.open_calls()

    await _until(have_ended, _LAST_CALLS)


async def _until(ask: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Or until time is up. Other processes are asked, and they call nobody back."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(httpx2.HTTPError):
            if await ask():
                return
        await asyncio.sleep(_LOOK_SECONDS)
