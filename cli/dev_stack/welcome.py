"""What a person is told when the stack is up: what to open, how to sign in, what to type next."""

import shlex
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from cli.dev_stack.stack import Stack


def invocation() -> str:
    """How this very program was called, for a person to repeat in the same folder."""
    typed = sys.argv[0]
    if typed.endswith(".py"):
        return f"{shlex.quote(sys.executable)} -m cli.main"
    return shlex.quote(typed)


def greet(stack: Stack) -> None:
    """On stdout, for people; programs take the line of JSON."""
    Console(highlight=False).print(greeting(stack), soft_wrap=True)


def greeting(stack: Stack) -> Text:
    """The key is shown: it is of no use but on this machine, and signs in."""
    site, me = stack.site, invocation()
    # Found by itself only where the data is kept in a folder of this name.
    found = site.data.path == Path.cwd() / ".trunkline"
    where = "" if found else f" --url {site.api_url} --key {stack.api_key}"
    return Text.assemble(
        ("Trunkline is running. ", "bold green"),
        "Nobody is really called: the carrier is simulated. Ctrl-C ends it.\n\n",
        ("  Dashboard   ", "dim"), f"{site.api_url}/dashboard\n",
        ("  sign in     ", "dim"), f"{stack.api_key}\n",
        ("  API         ", "dim"), f"{site.api_url}/docs\n",
        ("  Temporal    ", "dim"), f"{site.ui_url}\n",
        ("  data, logs  ", "dim"), f"{site.data.path}\n\n",
        "In another terminal, from this folder:\n\n",
        (f"  {me} call +12025550123 --set name=Ada --watch{where}\n", "cyan"),
        (f"  {me} top{where}\n", "cyan"),
        (f"  {me} --help\n", "cyan"),
        "\nA list of people, as CSV or Excel: open the dashboard's Campaigns, or type\n\n",
        (f"  {me} campaigns create NAME{where}\n", "cyan"),
    )  # fmt: skip
