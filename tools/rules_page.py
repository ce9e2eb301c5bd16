"""Writes docs/rules.md, the table of every calling rule: python -m tools.rules_page."""

from collections.abc import Iterator
from pathlib import Path

from policy.rules import STANDARD
from policy.rules.book import RuleBook
from policy.rules.model import Rule
from policy.rules.rule_text import concerned, describe, in_force

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"
_HEAD = """# Calling rules

Every rule of the packs in `policy/rules/`, version {version}. How they are used is in
[policy](policy.md#calling-rules). This is engineering, not legal advice. Check the rules that
apply to you.

`confidence` says how well the source was seen: `primary` (its text), `secondary` (what others say
of it), `conflicting` (they say different things; the stricter one is used), or `convention` when
it is no law. A rule of `*` holds everywhere, one of `US-XX` for numbers of the United States of
which the state is not known.

This page is written by `tools/rules_page.py`:

```sh
.venv/bin/python -m tools.rules_page
```

"""
_COLUMNS = (
    "rule",
    "kind",
    "where",
    "what",
    "purposes",
    "in force",
    "source",
    "confidence",
    "verified on",
)


def page(book: RuleBook) -> str:
    """The whole page."""
    table = "\n".join([_row(_COLUMNS), _row(["---"] * len(_COLUMNS)), *map(_told, book.rules)])
    return f"{_HEAD.format(version=book.version)}{table}\n\n## Notes\n\n{''.join(_notes(book))}"


def _told(rule: Rule) -> str:
    cells = (
        f"`{rule.id}`",
        rule.kind,
        f"`{rule.jurisdiction}`",
        describe(rule),
        concerned(rule),
        in_force(rule),
        _sourced(rule),
        rule.confidence,
        rule.verified_on.isoformat(),
    )
    return _row(cells)


def _sourced(rule: Rule) -> str:
    """The source, and where it stands or was read."""
    stands = f"[{rule.source}]({rule.address})" if rule.address else rule.source
    return f"{stands}; read [here]({rule.read_at})" if rule.read_at else stands


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _notes(book: RuleBook) -> Iterator[str]:
    return (f"- `{rule.id}`: {rule.note}\n" for rule in book.rules if rule.note)


if __name__ == "__main__":
    PAGE.write_text(page(STANDARD), encoding="utf-8")
