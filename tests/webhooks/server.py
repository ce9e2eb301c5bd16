"""A receiver in a process of its own, which can be killed: `python -m tests.webhooks.server`.

What it acknowledges is in its journal first. How it answers stands in a file that tests change.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from aiohttp import web

from tests.wait import wait_until


async def _serve(port: int, folder: Path) -> None:
    journal = (folder / "journal.jsonl").open("a")

    async def take(request: web.Request) -> web.Response:
        how = (folder / "how").read_text()
        if how == "silent":
            await asyncio.sleep(60)
        if how != "204":
            return web.Response(status=500)
        line = {"headers": dict(request.headers), "body": await request.text()}
        journal.write(json.dumps(line) + "\n")
        journal.flush()
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


class ReceiverProcess:
    """The receiver as a test holds it."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = port = int(probe.getsockname()[1])
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}/"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "ReceiverProcess":
        command = [sys.executable, "-m", "tests.webhooks.server", str(self.port), str(self.folder)]
        self._process = subprocess.Popen(command)
        return self

    def kill(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def answer(self, how: str) -> None:
        """ "204", "500" or "silent", from now on."""
        (self.folder / "how.new").write_text(how)
        (self.folder / "how.new").replace(self.folder / "how")

    def got(self) -> list[tuple[dict[str, str], str]]:
        """Headers and body of every request that was acknowledged, or was about to be."""
        journal = self.folder / "journal.jsonl"
        lines = journal.read_text().splitlines() if journal.exists() else []
        read = [json.loads(line) for line in lines if line.endswith("}")]
        return [(line["headers"], line["body"]) for line in read]

    def until(self, count: int) -> None:
        wait_until(lambda: len(self.got()) >= count, f"{count} requests")


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))
