"""Each broken promise is seen, and a kept one is not called broken."""

from typing import Any

import pytest

from cli.chaos.verdict import Verdict, judge

Json = dict[str, Any]
ADA, BEN = "+12015550100", "+12015550101"


def attempt(sid: str | None = "CA1", result: str = "answered") -> Json:
    return {"carrierSid": sid, "result": result}


def call(endpoint: str = ADA, call_id: str = "a", **changes: Any) -> Json:
    made = {"callId": call_id, "endpoint": endpoint, "status": "Completed", "outcome": "confirmed"}
    return {**made, "attempts": [attempt()], "events": [], **changes}


def leg(to: str = ADA, sid: str = "CA1", token: str = "t1") -> Json:
    return {"to": to, "sid": sid, "params": {"Url": f"http://api/twilio/voice/{token}"}}


def judged(views: list[Json], legs: list[Json], endpoints: tuple[str, ...] = (ADA,)) -> Verdict:
    return judge({"a"}, endpoints, views, legs)


def test_a_call_with_its_one_leg_keeps_every_promise() -> None:
    found = judged([call()], [leg()])
    assert found.broken() == []
    assert (found.accepted, found.ended, found.legs) == (1, 1, 1)


@pytest.mark.parametrize(
    ("views", "legs", "said"),
    [
        ([], [], "lost"),
        ([call(status="Queued")], [leg()], "lost"),
        ([call()], [leg(), leg(sid="CA2", token="t1")], "dialed more often"),
        ([call()], [leg(), leg(sid="CA2", token="t2")], "dialed more often"),
        (
            [call(attempts=[attempt(None, "unknown"), attempt()])],
            [leg()],
            "after an unknown attempt",
        ),
        ([call(), call(call_id="b", attempts=[])], [leg()], "more calls than"),
        ([call(attempts=[attempt("CA9")])], [leg()], "stand in no attempt"),
    ],
)
def test_each_broken_promise_is_said(views: list[Json], legs: list[Json], said: str) -> None:
    assert any(said in one for one in judged(views, legs).broken())


def test_a_number_that_nobody_called_though_it_was_asked_for_is_lost() -> None:
    assert "lost" in judged([call()], [leg()], (ADA, BEN)).broken()[0]


def test_the_leg_of_an_attempt_that_was_given_up_breaks_no_promise() -> None:
    view = call(attempts=[attempt(None, "unknown")], events=[{"type": "call.unknown"}])
    found = judged([view], [leg()])
    assert found.broken() == []
    assert (found.unknown_met, found.unknown_found, found.unknown_parked) == (1, 0, 1)


def test_no_number_stands_in_what_is_said() -> None:
    found = judged([call(status="Queued")], [leg(), leg()], (ADA, BEN))
    assert ADA not in str(found.broken())
    assert BEN not in str(found.broken())
