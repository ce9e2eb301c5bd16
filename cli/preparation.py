"""What a local stack needs before its programs: the schema, then Temporal's search attributes.

One process for both, since each would take a second only to begin.
"""

import traceback

from cli import attributes, migration
from cli.dev_stack.processes import WITHOUT_TEMPORAL
from cli.errors import in_one_sentence


def main() -> None:
    """As `trunkline migrate`, then `trunkline attributes`."""
    migration.main()
    try:
        code = attributes.run()
    except Exception:
        traceback.print_exc()
        code = 1
    attributes.leave(WITHOUT_TEMPORAL if code else 0)


if __name__ == "__main__":
    in_one_sentence(main)
