"""Commands that ask a running Trunkline: the options all of them have, and how they fail."""

import functools
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from cli.errors import Declined, NotThere, ServerAway, Unusable
from cli.remote.profiles import Target, target
from cli.remote.screen import Screen
from trunkline_client import Away, Problem, Trunkline, Unreadable

_PANEL = "Where, and how it is shown"
Profile = Annotated[
    str, typer.Option("--profile", help="A profile by its name.", rich_help_panel=_PANEL)
]
Url = Annotated[str, typer.Option("--url", help="Where the API is.", rich_help_panel=_PANEL)]
Key = Annotated[
    str,
    typer.Option("--key", help="An API key. Others see what is typed.", rich_help_panel=_PANEL),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON, for programs.", rich_help_panel=_PANEL)]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="Ids only, or nothing.", rich_help_panel=_PANEL),
]
#: By the name of their parameter; no command may have an option of this name.
SHARED_OPTIONS: dict[str, tuple[Any, object]] = {
    "profile": (Profile, ""),
    "url": (Url, ""),
    "key": (Key, ""),
    "as_json": (AsJson, False),
    "quiet": (Quiet, False),
}
_GONE = 404
#: What the API cannot know: how it is said here.
HINTS = {
    "duplicate": "Here that is --duplicate.",
    "unauthorized": "See `trunkline profiles list`, or give another --key.",
    "missing_scope": "Use another key: --key, or a profile with one.",
}


class Remote:
    """What a command has at hand: the client of `target`, and the screen."""

    def __init__(self, where: Target, screen: Screen) -> None:
        self.target = where
        self.screen = screen
        self.api = Trunkline(where.url, where.key)


def remote_command(
    app: typer.Typer, name: str | None = None, **said: Any
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Makes a command of a function whose first parameter is a `Remote`."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def run(
            profile: str = "",
            url: str = "",
            key: str = "",
            as_json: bool = False,
            quiet: bool = False,
            **given: Any,
        ) -> None:
            screen = Screen(json=as_json, quiet=quiet)
            with remote(target(url=url, key=key, profile=profile), screen) as found:
                function(found, **given)

        _, *own = inspect.signature(function).parameters.values()
        keyword = inspect.Parameter.KEYWORD_ONLY
        shared = [
            inspect.Parameter(shared_name, keyword, default=default, annotation=kind)
            for shared_name, (kind, default) in SHARED_OPTIONS.items()
        ]
        parameters = [*(one.replace(kind=keyword) for one in own), *shared]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        app.command(name, **said)(run)
        return function

    return register


@contextmanager
def remote(where: Target, screen: Screen) -> Iterator[Remote]:
    """What goes wrong with the API ends the command with a sentence and an exit code."""
    found = Remote(where, screen)
    try:
        with found.api:
            yield found
    except Away as error:
        raise ServerAway(f"Nothing answers at {where.url} ({where.origin}).") from error
    except Unreadable as error:
        raise ServerAway(f"What answers at {where.url} is not this Trunkline: {error}") from error
    except Problem as problem:
        if screen.json and problem.body:
            sys.stderr.write(json.dumps(problem.body) + "\n")
        raise ending(problem) from problem


def ending(problem: Problem) -> Unusable:
    """What the API said, as what ends a command: each field that is wrong is named."""
    named = [one for one in problem.errors if one.field]
    lines = [f"{one.field}: {one.message} ({one.code})" for one in named]
    sentence = "; ".join(lines) if lines else f"{problem.detail} ({problem.code})"
    codes = {problem.code, *(one.code for one in problem.errors)}
    sentence = " ".join([sentence, *(HINTS[code] for code in HINTS if code in codes)])
    if problem.status == _GONE:
        return NotThere(sentence)
    return ServerAway(sentence) if problem.status >= 500 else Declined(sentence)
