"""A call without a slot is told whose limit it is, with its figures."""

import pytest

from policy.dispatch.slots import Slot, SlotCap, SlotVerdict, Whose, limits

FREE = SlotCap(Whose.ACCOUNT, live=3, recent=9, max_concurrent=5, calls_per_minute=60)
BUSY = SlotCap(Whose.AGENT, "Reception", live=5, recent=6, max_concurrent=5)
FAST = SlotCap(Whose.ACCOUNT, live=3, recent=60, max_concurrent=5, calls_per_minute=60)
SLOW = SlotCap(Whose.CAMPAIGN, "Recall", live=0, recent=1, calls_per_minute=1)


@pytest.mark.parametrize(
    ("caps", "free", "named", "said"),
    [
        ([FREE, BUSY], 0, False, "its agent has 5 of 5 calls at once"),
        ([FREE, BUSY], 0, True, "agent Reception has 5 of 5 calls at once"),
        (
            [FAST],
            0,
            True,
            "the account's pace of 60 calls a minute is used up (60 in the last minute)",
        ),
        (
            [FREE, SLOW],
            0,
            True,
            "campaign Recall's pace of 1 call a minute is used up (1 in the last minute)",
        ),
        (
            [FAST, BUSY],
            0,
            False,
            "the account's pace of 60 calls a minute is used up (60 in the last minute), and its "
            "agent has 5 of 5 calls at once",
        ),
        ([FREE], 2, True, "those before it in line have the 2 slots that are free"),
        ([FREE], 1, True, "those before it in line have the one slot that is free"),
        ([], 0, True, ""),
    ],
)
def test_whose_limit_it_is_and_its_figures(caps: list[SlotCap], free: int, named: bool, said: str):
    assert limits(caps, free, named=named) == said


def test_a_limit_that_was_lowered_shows_more_in_use_than_it_lets():
    cap = SlotCap(Whose.AGENT, live=7, max_concurrent=5)
    assert limits([cap], -2, named=False) == "its agent has 7 of 5 calls at once"


@pytest.mark.parametrize(
    ("verdict", "reason", "detail"),
    [
        (SlotVerdict(Slot.FULL), "no_free_slot", "Waiting for a free slot"),
        (
            SlotVerdict(Slot.FULL, "its agent has 5 of 5 calls at once"),
            "no_free_slot",
            "Waiting for a free slot: its agent has 5 of 5 calls at once",
        ),
        (SlotVerdict(Slot.HELD), "campaign_paused", "Its campaign is paused or canceled"),
        (
            SlotVerdict(Slot.BROKE),
            "insufficient_balance",
            "The spend limit of the account or of the campaign is reached",
        ),
        (SlotVerdict(Slot.PAUSED), "dialing_paused", "Dialing is paused"),
        (
            SlotVerdict(Slot.PAUSED, "the key is wrong"),
            "dialing_paused",
            "The carrier refuses this account's requests: the key is wrong; dialing is paused "
            "and is tried again by itself",
        ),
    ],
)
def test_a_verdict_has_a_code_and_a_sentence(verdict: SlotVerdict, reason: str, detail: str):
    assert (verdict.reason, verdict.detail) == (reason, detail)
