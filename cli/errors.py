"""What ends a command with one sentence."""

import sys
from collections.abc import Callable

_REMEDY = "install 'trunkline[server]', or for a stack of one's own 'trunkline[dev]'"


class Unusable(Exception):
    """The command cannot run here; its text is one sentence for the person who typed it.

    The kinds of it, and their exit codes, are in docs/cli.md.
    """

    exit_code = 2


class Failed(Unusable):
    """It was tried, and did not come out well."""

    exit_code = 1


class NotThere(Unusable):
    """There is no such thing."""

    exit_code = 3


class Declined(Unusable):
    """The API has understood, and will not do it."""

    exit_code = 4


class ServerAway(Unusable):
    """No server answers, or it cannot do anything now."""

    exit_code = 5


class Interrupted(Exception):
    """A signal came before the work was done."""


def say(sentence: object) -> None:
    """One line for the person who typed the command."""
    sys.stderr.write(f"trunkline: {sentence}\n")
    sys.stderr.flush()


def in_one_sentence(command: Callable[[], object]) -> None:
    """Run a command; what cannot work here ends with one sentence and an exit code of its own."""
    try:
        command()
    except Unusable as error:
        say(error)
        sys.exit(error.exit_code)
    except ModuleNotFoundError as error:
        # The command line alone was installed, and this command runs a part of the server.
        say(f"This needs more than the command line ({error.name} is missing): {_REMEDY}.")
        sys.exit(Unusable.exit_code)
    except (Interrupted, KeyboardInterrupt):
        sys.exit(0)
