"""What ends a command with one sentence."""

import sys
from collections.abc import Callable


class Unusable(Exception):
    """The command cannot run here; its text is one sentence for the person who typed it."""


class Interrupted(Exception):
    """A signal came before the work was done."""


def say(sentence: object) -> None:
    """One line for the person who typed the command."""
    sys.stderr.write(f"trunkline: {sentence}\n")
    sys.stderr.flush()


def in_one_sentence(command: Callable[[], object]) -> None:
    """Run a command; what cannot work here ends with one sentence and exit code 2."""
    try:
        command()
    except Unusable as error:
        say(error)
        sys.exit(2)
    except (Interrupted, KeyboardInterrupt):
        sys.exit(0)
