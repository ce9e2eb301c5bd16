"""What ends a command with one sentence."""

import sys
from collections.abc import Callable


class Unusable(Exception):
    """The command cannot run here; its text is one sentence for the person who typed it."""


class Interrupted(Exception):
    """A signal came before the work was done."""


def in_one_sentence(command: Callable[[], object]) -> None:
    """Run a command; what cannot work here ends with one sentence and exit code 2."""
    try:
        command()
    except Unusable as error:
        sys.stderr.write(f"trunkline: {error}\n")
        sys.exit(2)
    except (Interrupted, KeyboardInterrupt):
        sys.exit(0)
