"""All looks, in the order in which one would mend."""

import asyncio
import os
from pathlib import Path

from cli.configured import configured
from cli.dev_stack.data_dir import DataDir
from cli.dev_stack.foreground import own_settings
from cli.dev_stack.processes import PREFIX, StackSite, environment
from cli.doctor import (
    carrier,
    carrier_accounts,
    database,
    machine,
    outside,
    public_url,
    rules,
    temporal,
)
from cli.doctor.diagnosis import Finding, State
from cli.remote.profiles import local_folder
from settings import Settings


def examine() -> tuple[str, list[Finding]]:
    """What was looked at, in words, and what was found; raises Unusable."""
    what = _take_local_settings()
    return what, asyncio.run(_all(configured()))


def _take_local_settings() -> str:
    """The settings of the stack that runs here, where a person has made none of their own."""
    folder = local_folder(Path.cwd())
    own = {**own_settings(), **os.environ}
    if folder is None or own.get(f"{PREFIX}DATABASE_URL"):
        return "The installation of TRUNKLINE_*"
    with (folder / "lock").open("a") as lock:
        data = DataDir(folder, lock)
        ports = data.remembered_ports()
        if ports is None:
            return "The installation of TRUNKLINE_*"
        site = StackSite("127.0.0.1", ports, data, data.secrets())
        os.environ.update(environment(site, own))
    return f"The stack of {folder}"


async def _all(settings: Settings) -> list[Finding]:
    store = await database.examine(settings)
    numbers = await database.caller_ids(settings) if store.state is State.WELL else None
    parts, seen = await asyncio.gather(
        asyncio.gather(
            temporal.examine(settings),
            carrier.examine(settings, numbers),
            public_url.examine(settings),
        ),
        outside.examine(settings),
    )
    others = await carrier_accounts.examine(settings) if store.state is State.WELL else []
    found = [*(one for part in parts for one in part), *others, seen]
    return [store, *found, rules.examine(settings), *machine.examine(settings)]
