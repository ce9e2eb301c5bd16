"""What somebody's answer on a call means: where it leads, and whether it asks for no more calls.

The callbacks of a call and its rehearsal both go on by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy.compliance.disclosures import opts_out
from policy.model.call import Outcome
from policy.pathways.pathway import matching_branch

#: Before the node of a question that was none: only the opt-out's key was listened for.
ONWARD = "~"


@dataclass(frozen=True, slots=True)
class Answer:
    """`matched`: the node that was asked for. `otherwise`: where it goes on without one.

    `otherwise` "": at the pathway's beginning, None: nowhere, as the node is gone.
    `in_its_words`: the pathway itself takes it for an opt-out, and has something to say to it.
    """

    matched: str | None
    otherwise: str | None
    asks_out: bool
    in_its_words: bool

    @property
    def onward(self) -> str | None:
        """Where the script goes on; None: nowhere."""
        return self.matched or self.otherwise


def answer_of(
    definition: Mapping[str, Any],
    node: str,
    digits: str | None,
    speech: str | None,
    *,
    by_key: bool,
) -> Answer:
    """What was heard at `node` of a pathway; `by_key`: its key opts out."""
    matched, otherwise = _way(definition, node, digits, speech)
    nodes = definition.get("nodes") or {}
    in_its_words = bool(nodes.get(matched, {}).get("outcome") == Outcome.OPTED_OUT)
    asks_out = in_its_words or opts_out(digits, speech, by_key=by_key)
    return Answer(matched, otherwise, asks_out, in_its_words)


def _way(
    definition: Mapping[str, Any], node: str, digits: str | None, speech: str | None
) -> tuple[str | None, str | None]:
    if node.startswith(ONWARD):
        return None, node.removeprefix(ONWARD)
    step = _gather_of(definition, node)
    if step is None:
        return None, None
    return matching_branch(step, digits, speech), str(step["otherwise"])


def _gather_of(definition: Mapping[str, Any], node: str) -> Mapping[str, Any] | None:
    """None when the pathway was changed under the call and the node is gone."""
    step = (definition.get("nodes") or {}).get(node)
    return step if isinstance(step, dict) and step.get("kind") == "gather" else None
