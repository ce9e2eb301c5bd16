"""A rehearsal as a form: who is called, the steps so far, and the one that is taken now."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.datastructures import FormData

from api.accounts.rehearsal_schemas import RehearsalRequest
from policy.model.purposes import Notice
from policy.pathways.callee_steps import LONGEST_SPEECH, MOST_STEPS

_CONTEXT = "context."
_KEYS = re.compile(r"[0-9*#]{1,20}", re.ASCII)
_MOST_FIELDS = 200
#: Steps of the form that are none of the callee's.
AGAIN, BACK, OVER = "again", "back", "over"


@dataclass(frozen=True, slots=True)
class RehearsalForm:
    """What is filled in; texts only."""

    agent: str = ""
    notices: tuple[str, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[str, ...] = ()

    def request(self) -> RehearsalRequest:
        """As the API takes it."""
        return RehearsalRequest.model_construct(
            context=dict(self.context),
            steps=list(self.steps),
            agent_id=self.agent or None,
            notices=[Notice(one) for one in self.notices],
        )


def read_form(sent: FormData) -> RehearsalForm:
    """What a browser sent, with the step that was taken."""
    taken = tuple(one for one in sent.getlist("taken") if isinstance(one, str))[:MOST_STEPS]
    context = {
        name.removeprefix(_CONTEXT): value
        for name, value in list(sent.items())[:_MOST_FIELDS]
        if name.startswith(_CONTEXT) and isinstance(value, str)
    }
    known = {one.value for one in Notice}
    return RehearsalForm(
        agent=_text(sent, "agent"),
        notices=tuple(one for one in sent.getlist("notices") if one in known),
        context=context,
        steps=_after(taken, _text(sent, "step"), _text(sent, "typed")),
    )


def _text(sent: FormData, name: str) -> str:
    value = sent.get(name)
    return value.strip() if isinstance(value, str) else ""


def _after(taken: Sequence[str], step: str, typed: str) -> tuple[str, ...]:
    if step == OVER:
        return ()
    if step == BACK:
        return tuple(taken[:-1])
    if step in (AGAIN, ""):
        # Whoever presses Enter in the field for an answer means that answer.
        step = _answer(typed)
    return (*taken, step)[:MOST_STEPS] if step else tuple(taken)


def _answer(typed: str) -> str:
    """Keys as they are; what is no key is said."""
    if not typed or _KEYS.fullmatch(typed):
        return typed
    return f"say:{typed[:LONGEST_SPEECH]}"
