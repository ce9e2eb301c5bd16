"""How often one call tries whether the carrier takes the account's requests again."""

import pytest

from policy.dispatch.dialing_pause import probe_delay, told


@pytest.mark.parametrize(
    ("vain", "seconds"),
    [(0, 30), (1, 60), (2, 120), (3, 240), (4, 480), (5, 600), (6, 600), (11, 600), (10**6, 600)],
)
def test_each_probe_in_vain_doubles_the_wait_up_to_ten_minutes(vain: int, seconds: int) -> None:
    assert probe_delay(vain).total_seconds() == seconds


def test_the_sentence_names_the_cause_and_says_that_it_is_tried_again() -> None:
    said = told("the carrier answered HTTP 401, code 20003: the credentials are wrong")
    assert "HTTP 401, code 20003" in said
    assert said.endswith("dialing is paused and is tried again by itself")
