"""/dashboard/compliance/rules: every rule the account is held to, and what is to come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.compliance import routes as rest
from api.compliance.routes import Reader
from api.compliance.rule_schemas import RuleView
from api.http.deps import Uses
from api.http.schema import JsonObject
from dashboard.compliance import compliance_words
from dashboard.page import page
from dashboard.session.session import SignedIn
from policy.model.purposes import Purpose
from policy.rules.review import REVIEW_AFTER

router = APIRouter(prefix="/compliance/rules", route_class=SignedIn)
Chosen = Annotated[str, Query(max_length=40)]


@dataclass(frozen=True, slots=True)
class RuleFilter:
    """Nothing said: all."""

    place: str = ""
    kind: str = ""
    purpose: str = ""
    text: str = ""

    def lets(self, rule: RuleView) -> bool:
        places = (self.place, *((self.place[:2],) if "-" in self.place else ()))
        named = not rule.purposes or self.purpose in rule.purposes
        said = f"{rule.rule_id} {rule.demands} {rule.source} {rule.note}".lower()
        return (
            (not self.place or rule.jurisdiction in places)
            and (not self.kind or rule.kind == self.kind)
            and (not self.purpose or named)
            and self.text.lower() in said
        )


@dataclass(frozen=True, slots=True)
class ComingChange:
    """A rule that begins to hold, or holds no longer, on a day to come."""

    on: date
    rule: RuleView
    begins: bool


@router.get("")
async def list_rules(
    request: Request,
    account: Reader,
    uses: Uses,
    place: Chosen = "",
    kind: Chosen = "",
    purpose: Chosen = "",
    text: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """By place; of a state those of its country too, because they hold there as well."""
    every = await rest.list_rules(account, uses)
    chosen = RuleFilter(place, kind, purpose, text.strip())
    today = uses.now().date()
    lasting = [one for one in every.rules if one.effective_to is None or one.effective_to > today]
    shown = [one for one in lasting if chosen.lets(one)]
    return await page(
        request,
        "compliance/rules.html",
        version=every.version,
        total=len(lasting),
        shown=len(shown),
        groups=_by_place(shown),
        coming=_coming(shown, today),
        today=today,
        stale=today - REVIEW_AFTER,
        waived=_waived(account.waivers),
        chosen=chosen,
        places=_places(lasting),
        purposes=list(Purpose),
        words=compliance_words,
    )


def _by_place(rules: Iterable[RuleView]) -> list[tuple[str, Sequence[RuleView]]]:
    found = sorted(rules, key=lambda one: _rank(one.jurisdiction))
    return [(code, list(some)) for code, some in groupby(found, lambda one: one.jurisdiction)]


def _rank(code: str) -> tuple[bool, str, bool, str]:
    """Everywhere first, then each country before its states, by their names."""
    country, _, state = code.partition("-")
    return (
        code != "*",
        compliance_words.place(country),
        bool(state),
        compliance_words.place(code),
    )


def _places(rules: Iterable[RuleView]) -> list[tuple[str, str]]:
    codes = sorted({one.jurisdiction for one in rules}, key=_rank)
    named = [(code, compliance_words.place(code)) for code in codes]
    return [(code, f"{name} ({code})" if code != "*" else name) for code, name in named]


def _coming(rules: Iterable[RuleView], today: date) -> list[ComingChange]:
    found = [ComingChange(one.effective_from, one, True) for one in rules]
    found += [ComingChange(one.effective_to, one, False) for one in rules if one.effective_to]
    return sorted((one for one in found if one.on > today), key=lambda one: one.on)


def _waived(waivers: Iterable[JsonObject]) -> dict[str, str]:
    """Rules and kinds of rules that are waived now: how far, in words; the widest counts."""
    found: dict[str, str] = {}
    for one in sorted((one for one in waivers if "endedAt" not in one), key=_reach):
        found[one["rule"]] = _HOW_FAR[_reach(one)]
    return found


_HOW_FAR = ("waived on simulated phones", "waived for some purposes", "waived")


def _reach(waiver: JsonObject) -> int:
    if waiver.get("simulatedOnly"):
        return 0
    return 1 if waiver.get("purposes") else 2
