"""`trunkline migrate`: the database brought to this version's schema."""

import sys

from cli.configured import configured
from cli.errors import in_one_sentence
from storage.migrate import current, head, upgrade


def main() -> None:
    """Migrate, and say from where to where."""
    url = configured().database_url
    before = current(url)
    upgrade(url)
    sys.stdout.write(f"{before or 'empty'} → {head()}\n")


if __name__ == "__main__":
    in_one_sentence(main)
