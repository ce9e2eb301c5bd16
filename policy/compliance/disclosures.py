"""What has to be said at the beginning of a call, and in which words."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from policy.compliance.opt_out_phrases import is_clear
from policy.model.purposes import Notice
from policy.model.template import render_text
from policy.rules.model import DisclosureRule

#: Said in this order: who calls comes first (47 CFR 64.1200(b)(1)).
ORDER = (
    Notice.IDENTITY,
    Notice.AI,
    Notice.CALLBACK_NUMBER,
    Notice.RECORDING,
    Notice.OPT_OUT,
)
#: The key by which a person asks not to be called again; the words are in `opt_out_phrases`.
OPT_OUT_KEY = "9"
_NOT_WORDS = re.compile(r"[^\w]+")
_GOODBYE = "You will not be called again. Goodbye."
_WORDS: Mapping[Notice, str] = {
    Notice.IDENTITY: "This is {{name}}.",
    Notice.AI: "You are speaking with an automated assistant.",
    Notice.CALLBACK_NUMBER: "You can reach us at {{callbackNumber}}.",
    Notice.RECORDING: "This call is recorded.",
    Notice.OPT_OUT: "To stop these calls, press 9 at any time.",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who calls, as people are told; `words` replaces a sentence, in any language."""

    name: str = ""
    callback_number: str = ""
    words: Mapping[Notice, str] = field(default_factory=dict)
    #: Said to somebody who opts out.
    goodbye: str = _GOODBYE

    def says(self, notice: Notice) -> str:
        """The sentence, or "" where the agent has nothing to fill it with."""
        if notice is Notice.IDENTITY and not self.name:
            return ""
        if notice is Notice.CALLBACK_NUMBER and not self.callback_number:
            return ""
        spoken = {"name": self.name, "callbackNumber": _digit_by_digit(self.callback_number)}
        return render_text(self.words.get(notice) or _WORDS[notice], spoken)


@dataclass(frozen=True, slots=True)
class Preamble:
    """What a call begins with; `offers_opt_out`: the key works from the first word on, be it
    named in the text or not.
    """

    text: str = ""
    offers_opt_out: bool = False


def preamble(notices: Iterable[Notice], identity: Identity) -> Preamble:
    """The notices as one text, in their order."""
    wanted = set(notices)
    said = (identity.says(notice) for notice in ORDER if notice in wanted)
    return Preamble(" ".join(text for text in said if text), Notice.OPT_OUT in wanted)


#: What a machine is told first, too. It presses no key and is not recorded.
_SAID_TO_MACHINES = (Notice.IDENTITY, Notice.AI, Notice.CALLBACK_NUMBER)


def told_to_machine(text: str, notices: Iterable[Notice], identity: Identity) -> str:
    """The message for a machine with what has to be said before it; no text: no message."""
    if not text:
        return ""
    asked = set(notices)
    first = preamble((one for one in _SAID_TO_MACHINES if one in asked), identity)
    return f"{first.text} {text}".strip()


def opts_out(digits: str | None, speech: str | None, *, by_key: bool) -> bool:
    """Whether somebody asks not to be called again; the key counts where it was offered."""
    if by_key and digits == OPT_OUT_KEY:
        return True
    return is_clear(speech or "")


def plain_words(text: str) -> str:
    """A text as it is compared with what was heard: words only, in small letters."""
    return _NOT_WORDS.sub(" ", text.casefold().replace("'", "").replace("’", "")).strip()


def needed(rules: Iterable[DisclosureRule], *, recorded: bool) -> dict[Notice, str]:
    """The notices to give, in their order, each with the id of the rule that asks for it."""
    asked: dict[Notice, str] = {}
    for rule in rules:
        for notice in rule.say:
            if recorded or notice is not Notice.RECORDING:
                asked.setdefault(notice, rule.id)
    return {notice: asked[notice] for notice in ORDER if notice in asked}


def _digit_by_digit(number: str) -> str:
    """A number as a voice should read it: one digit after the other."""
    return " ".join(letter for letter in number if letter.isdigit())
