from datetime import timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.calls.attempt_lifecycle import (
    FINAL_STATES,
    Hold,
    LegEvent,
    advance,
    event_of,
    is_machine,
    result_of,
    was_unserved,
)
from policy.model.call import AttemptResult, AttemptState

S, E = AttemptState, LegEvent


@pytest.mark.parametrize(
    ("state", "event", "after"),
    [
        (S.INTENT, E.SENDING, S.SENDING),
        (S.SENDING, E.SENT, S.SENT),
        (S.SENDING, E.LOST, S.UNKNOWN),
        (S.SENDING, E.REJECTED, S.REJECTED),
        (S.SENDING, E.RINGING, S.RINGING),
        (S.UNKNOWN, E.SENT, S.SENT),
        (S.UNKNOWN, E.ENDED, S.ENDED),
        (S.UNKNOWN, E.REJECTED, S.REJECTED),
        (S.UNKNOWN, E.SENDING, S.UNKNOWN),
        (S.SENT, E.LOST, S.SENT),
        (S.SENT, E.REJECTED, S.SENT),
        (S.ANSWERED, E.RINGING, S.ANSWERED),
        (S.RINGING, E.ENDED, S.ENDED),
        (S.ENDED, E.ANSWERED, S.ENDED),
        (S.ENDED, E.REJECTED, S.ENDED),
        (S.REJECTED, E.RINGING, S.REJECTED),
    ],
)
def test_a_dial_moves_forward_only(state, event, after):
    assert advance(state, event) == after


def walked(events, start=S.INTENT):
    return reduce(advance, events, start)


news_of_a_leg = st.lists(st.sampled_from([one for one in E if one is not E.REJECTED]), min_size=1)
news_of_a_rejection = st.lists(st.sampled_from([E.SENDING, E.LOST, E.REJECTED]), min_size=1)


@given(news_of_a_leg | news_of_a_rejection, st.data())
def test_any_order_and_repetition_of_the_news_leads_to_the_same_state(events, data):
    again = data.draw(st.lists(st.sampled_from(events)))
    shuffled = data.draw(st.permutations(events + again))
    assert walked(shuffled) == walked(events)


@given(st.sampled_from(list(S)), st.lists(st.sampled_from(list(E))))
def test_a_final_state_stays_and_repeating_the_news_changes_nothing(state, events):
    after = walked(events, state)
    assert walked(events, after) == after
    assert state not in FINAL_STATES or after == state


@pytest.mark.parametrize(
    ("status", "was_answered", "answered_by", "result"),
    [
        ("completed", True, None, AttemptResult.ANSWERED),
        ("completed", True, "human", AttemptResult.ANSWERED),
        ("completed", True, "unknown", AttemptResult.ANSWERED),
        ("completed", False, "human", AttemptResult.ANSWERED),
        ("completed", True, "machine_start", AttemptResult.VOICEMAIL),
        ("completed", True, "machine_end_beep", AttemptResult.VOICEMAIL),
        ("completed", False, "machine_end_silence", AttemptResult.VOICEMAIL),
        ("completed", True, "fax", AttemptResult.VOICEMAIL),
        ("completed", False, None, AttemptResult.NOT_SERVED),
        ("busy", False, None, AttemptResult.BUSY),
        ("no-answer", False, None, AttemptResult.NO_ANSWER),
        ("failed", False, None, AttemptResult.NETWORK_ERROR),
        ("canceled", False, None, AttemptResult.CANCELED),
    ],
)
def test_the_terminal_status_tells_how_a_dial_ended(status, was_answered, answered_by, result):
    assert result_of(status, was_answered, answered_by) == result


@pytest.mark.parametrize(
    ("status", "sip_code", "result"),
    [
        *(("failed", code, AttemptResult.INVALID) for code in (404, 410, 484, 485, 604)),
        *(("failed", code, AttemptResult.DECLINED) for code in (603, 607, 608)),
        *(("failed", code, AttemptResult.BUSY) for code in (486, 600)),
        *(("failed", code, AttemptResult.NO_ANSWER) for code in (408, 480, 487)),
        *(("failed", code, AttemptResult.NETWORK_ERROR) for code in (500, 502, 503, 504, 403)),
        ("no-answer", 404, AttemptResult.INVALID),
        ("busy", 603, AttemptResult.DECLINED),
        ("busy", 503, AttemptResult.BUSY),
        ("canceled", 487, AttemptResult.CANCELED),
        ("completed", 200, AttemptResult.ANSWERED),
        ("completed", 404, AttemptResult.ANSWERED),
    ],
)
def test_the_sip_code_of_a_leg_that_nobody_answered_knows_more(status, sip_code, result):
    assert result_of(status, status == "completed", None, sip_code) == result


def test_only_who_asked_for_the_end_of_an_unanswered_leg_has_hung_up():
    assert result_of("completed", False, None, was_asked=True) is AttemptResult.CANCELED
    assert result_of("completed", True, None, was_asked=True) is AttemptResult.ANSWERED
    assert result_of("canceled", False, None) is AttemptResult.CANCELED


@pytest.mark.parametrize(
    ("length", "hold", "has_fallback", "unserved"),
    [
        (0, None, False, True),
        (1, None, False, True),
        (2, None, False, False),
        (15, None, True, True),
        (16, None, True, False),
        (None, None, True, False),
        (1, (1, 0.5), True, False),
        (2, (1, 1), True, False),
        (3, (1, 2.5), True, True),
        # Each second of silence takes a moment more to be asked for.
        (6, (2, 1.5), True, False),
        (6, (5, 9), False, False),
        (7, (5, 3), False, True),
        (60, (5, 56), False, True),
        (None, (5, 56), False, False),
    ],
)
def test_a_leg_heard_nothing_of_ours_by_its_length_and_our_silence(
    length: int | None, hold: tuple[int, float] | None, has_fallback: bool, unserved: bool
):
    held = hold and Hold(hold[0], timedelta(seconds=hold[1]))
    found = was_unserved(length, hold=held, has_fallback=has_fallback)
    assert found is unserved


@pytest.mark.parametrize("status", ["queued", "ringing", "in-progress", "", "Completed"])
def test_a_status_that_ends_nothing_has_no_result(status):
    with pytest.raises(ValueError, match="terminal"):
        result_of(status, False, None)


@pytest.mark.parametrize(
    ("status", "event"),
    [
        ("queued", E.SENT),
        ("initiated", E.SENT),
        ("ringing", E.RINGING),
        ("in-progress", E.ANSWERED),
        ("completed", E.ENDED),
        ("no-answer", E.ENDED),
        ("new-in-2030", None),
    ],
)
def test_a_status_is_news(status, event):
    assert event_of(status) == event


def test_humans_and_silence_are_no_machines():
    assert not any(is_machine(by) for by in (None, "", "human", "unknown"))
