"""Texts of campaigns: every one says how to opt out, and none waits for what is about a call."""

from dataclasses import replace
from datetime import timedelta

import pytest

from policy.campaigns.preflight import VerdictKind
from policy.campaigns.texts import LONGEST, OPT_OUT, may_send, with_opt_out
from policy.model.person import Consent, Scope
from policy.model.purposes import ConsentTier
from policy.model.reasons import RefusalCode
from policy.promises import Promise
from tests.policy.calls.test_number_choice import HOME, LISTED, MOBILE, number, several
from tests.policy.make import NOW, at, daily, facts

#: A Monday, ten in the morning in New York.
OPEN = at("2026-11-23 15:00")


@pytest.mark.parametrize(
    "text", ["Your NON-STOP flight is on time", "Meet us at BUS STOP 4", "x" * 1590 + " Reply STOP"]
)
def test_a_text_that_does_not_say_how_to_opt_out_is_told_to(text: str) -> None:
    said = with_opt_out(text)
    assert said.endswith(OPT_OUT)
    assert len(said) <= LONGEST


@pytest.mark.parametrize("text", ["Reply STOP to end", "Text 'STOP' to us", "send STOP"])
def test_a_text_that_says_it_itself_stays_as_it_is(text: str) -> None:
    assert with_opt_out(text) == text


def test_a_text_does_not_wait_for_the_time_at_which_a_call_was_promised() -> None:
    consent = Consent("call", ConsentTier.EXPRESS, Scope(), NOW - timedelta(days=1))
    asked = replace(facts(endpoint="+12125550123"), promise=Promise(OPEN + timedelta(days=3), 0))
    assert may_send(asked, consent, OPEN).kind is VerdictKind.READY


def test_of_several_numbers_only_the_one_that_the_text_goes_to_is_asked_about() -> None:
    consent = Consent("call", ConsentTier.EXPRESS, Scope(), NOW - timedelta(days=1))
    listed = several(number(HOME, person=LISTED), number(MOBILE))
    found = may_send(listed, consent, OPEN)
    assert (found.kind, found.reason) == (VerdictKind.REFUSED, RefusalCode.SUPPRESSED)
    assert may_send(listed.at(1), consent, OPEN).kind is VerdictKind.READY
    closed = several(number(HOME, number_hours=daily("18:00", "20:00")), number(MOBILE))
    assert may_send(closed, consent, OPEN).kind is VerdictKind.LATER
