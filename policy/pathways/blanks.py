"""Variables of a pathway for which a call has nothing: nobody is greeted with a blank."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policy.model.call import Refusal, VoicemailAction
from policy.model.reasons import RefusalCode
from policy.model.template import absent
from policy.pathways.pathway import required_variables, used_variables

NOTHING_GIVEN: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Variables:
    """What calls are to be filled with. `wanted`: without it nobody is called; `used`: all."""

    wanted: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()


_NONE = Variables()


def variables(
    definition: object,
    voicemail: Mapping[str, Any] | None = None,
    given: Mapping[str, object] = NOTHING_GIVEN,
) -> Variables:
    """The variables in what a person or a machine is told, but for those that `given` fills for
    all calls.
    """
    told = [] if definition is None else [definition]
    if voicemail and voicemail.get("action") == VoicemailAction.LEAVE_MESSAGE:
        told.append(voicemail.get("message") or "")
    if not told:
        return _NONE
    return Variables(
        frozenset(absent(required_variables(told), given)),
        frozenset(absent(used_variables(told), given)),
    )


def refusal(names: Iterable[str], context: Mapping[str, object]) -> Refusal | None:
    """Why a call with this context is not made: it lacks some of these variables."""
    missing = absent(names, context)
    if not missing:
        return None
    listed = ", ".join(missing)
    message = f"The pathway says what the context does not have: {listed}."
    return Refusal(RefusalCode.MISSING_VARIABLE, "context", message)


def likely_columns(names: Iterable[str], columns: Sequence[str]) -> dict[str, str]:
    """For each variable the one column that is likely meant, where the table has none of its name.

    "First Name" is first_name; "Customer Name" is name, unless another column ends like that.
    """
    found: dict[str, str] = {}
    for name in sorted(names):
        if name in columns:
            continue
        words = _words(name)
        same = [one for one in columns if "".join(_words(one)) == "".join(words)]
        ends = [one for one in columns if words and _words(one)[-len(words) :] == words]
        best = same or ends
        if len(best) == 1:
            found[name] = best[0]
    return found


def _words(name: str) -> list[str]:
    """A name's words in small letters; `firstName` has two."""
    apart = "".join(
        f" {letter}" if letter.isupper() and before.islower() else letter
        for before, letter in zip(f" {name}", name, strict=False)
    )
    return "".join(one if one.isalnum() else " " for one in apart).casefold().split()
