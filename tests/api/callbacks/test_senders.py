"""Whoever asks not to be called is known by any form of the number, and by none that we know."""

import pytest

from api.callbacks.senders import sender_of
from tests.api.callbacks.test_inbound import entries, noted, writes
from tests.api.world import CALLER_ID, World

MEXICO, MEXICO_BEFORE = "+525512345678", "+5215512345678"


@pytest.mark.parametrize(
    ("said", "called", "value"),
    [
        ("+12125550123", CALLER_ID, "+12125550123"),
        ("2125550123", CALLER_ID, "+12125550123"),
        ("12125550123", CALLER_ID, "+12125550123"),
        ("whatsapp:+12125550123", CALLER_ID, "+12125550123"),
        (MEXICO_BEFORE, CALLER_ID, MEXICO),
        ("030901820", "+4930901899", "+4930901820"),
        ("12345", CALLER_ID, "12345"),
        ("client:ada", CALLER_ID, "client:ada"),
    ],
)
def test_a_sender_is_read_like_any_number_and_else_kept_as_it_came(said, called, value):
    found = sender_of(said, called)
    assert found is not None
    assert found.value == value


@pytest.mark.parametrize("said", ["", " ", "anonymous", "Restricted"])
def test_who_withholds_the_number_is_nobody(said):
    assert sender_of(said, CALLER_ID) is None


async def test_an_opt_out_of_a_sender_that_is_no_number_is_kept_raw(world: World):
    await world.agent()
    await writes(world, "STOP", From="12345")
    assert await entries(world) == [("12345", "inbound_text")]
    (note,) = await noted(world)
    assert (note.from_endpoint, note.opted_out) == ("12345", True)


async def test_an_opt_out_under_the_old_form_ends_calls_to_the_new_one(world: World):
    await world.agent()
    await writes(world, "STOP", From=MEXICO_BEFORE)
    assert await world.refusal(endpoint=MEXICO) == ("suppressed", "endpoint")
    assert await world.refusal(endpoint="+52 1 55 1234 5678") == ("suppressed", "endpoint")
