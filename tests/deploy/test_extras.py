"""What is installed with which extra: the command line alone runs without a server's libraries."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from threading import Thread

import pytest

from cli.dev_stack.processes import ROOT
from cli.main import COMMANDS

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
#: Commands that run a part of the server here, or look into one.
OF_THE_SERVER = {
    *("api", "worker", "carrier", "migrate", "attributes", "dev", "demo"),
    *("backup", "restore", "reconcile", "secrets", "chaos"),
}
REMOTE = sorted({command.name or "" for command in COMMANDS} - OF_THE_SERVER)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_with(requirements: list[str]) -> set[str]:
    """The distributions that come with these, theirs included."""
    found: set[str] = set()
    wanted = [requirement for requirement in requirements if "extra ==" not in requirement]
    while wanted:
        match = re.match(r"[\w.-]+", wanted.pop())
        assert match is not None
        name = normal(match[0])
        if name not in found:
            found.add(name)
            try:
                needs = distribution(name).requires or []
            except PackageNotFoundError:
                continue
            wanted += [one for one in needs if "extra ==" not in one]
    return found


def modules_of(distributions: set[str]) -> set[str]:
    return {
        module
        for module, names in packages_distributions().items()
        if {normal(name) for name in names} & distributions
    }


ALONE = modules_of(installed_with(PROJECT["dependencies"]))
#: Everything else that is installed here.
MISSING = sorted(set(packages_distributions()) - ALONE - {path.stem for path in ROOT.iterdir()})

#: A Python in which only what comes with the command line can be imported.
BARE = f"""
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {set(MISSING)!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
"""
MAIN = "from cli.main import main\nsys.argv[0] = 'trunkline'\nmain()"


def bare(*words: str, program: str = MAIN, **told: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BARE + program, *words],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **told},
        capture_output=True,
        text=True,
    )


def test_the_command_line_brings_no_part_of_a_server():
    assert {"fastapi", "sqlalchemy", "temporalio", "twilio", "uvicorn"} <= set(MISSING)
    assert {"httpx2", "typer", "pydantic", "rich"} <= ALONE


def test_each_extra_brings_what_the_one_before_it_does():
    assert "trunkline[worker]" in EXTRAS["server"]
    assert "trunkline[server,assistant]" in EXTRAS["dev"]


@pytest.mark.parametrize("floor", ["policy", "storage", "activities", "workflows", "telephony"])
def test_a_worker_needs_none_of_what_only_the_api_does(floor: str):
    only = {re.match(r"[\w-]+", one)[0] for one in EXTRAS["server"]} - {"trunkline"}  # type: ignore[index]
    modules = "|".join(sorted({"fastapi", "starlette", "jinja2", "python_calamine", "uvicorn"}))
    assert {"fastapi", "jinja2", "python-calamine", "uvicorn"} <= only
    for path in (ROOT / floor).rglob("*.py"):
        assert not re.search(rf"^(?:from|import) (?:{modules})\b", path.read_text(), re.M), path


def test_a_worker_can_be_loaded_without_the_api():
    of_the_api = {"fastapi", "starlette", "jinja2", "python_calamine", "multipart", "uvicorn"}
    program = (
        f"import sys\nfor name in {of_the_api!r}:\n    sys.modules[name] = None\nimport worker"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_help_lists_every_command():
    done = bare("--help")

    assert done.returncode == 0, done.stderr
    assert all(command.name in done.stdout for command in COMMANDS if command.name)


def test_each_command_that_asks_a_server_can_be_loaded():
    loads = f"from cli.main import trunkline\nfor name in {REMOTE!r}:\n"
    loads += "    trunkline().commands[name].loaded()\n    print(name)"
    done = bare(program=loads)

    assert done.stdout.split() == REMOTE, done.stderr


@contextmanager
def answering(status: int, body: bytes) -> Iterator[tuple[str, list[str]]]:
    """A server that answers all alike; its address, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.command} {self.path}")
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Type", "application/problem+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def test_a_call_is_asked_for_without_a_server_of_ones_own():
    problem = b'{"status": 422, "title": "No", "detail": "not tonight", "code": "no_consent"}'
    with answering(422, problem) as (url, asked):
        agent = ("--agent", "00000000-0000-4000-8000-000000000001")
        done = bare("call", "+12025550123", *agent, TRUNKLINE_URL=url, TRUNKLINE_KEY="tl_key")

    assert asked, done.stderr
    assert done.returncode == 4, done.stderr
    assert "not tonight" in done.stderr


@pytest.mark.parametrize("command", ["dev", "migrate", "worker"])
def test_what_needs_a_server_says_what_to_install(command: str):
    done = bare(command)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "trunkline[server]" in done.stderr
