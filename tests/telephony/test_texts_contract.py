"""What every carrier promises of texts: one request each, told apart by what came of it."""

from collections.abc import AsyncIterator

import pytest

from telephony.errors import Ambiguous, Rejected, RejectedClass
from telephony.port import TextRequest
from tests.telephony.worlds import FROM, World, simulator_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with simulator_world() as simulated:
        yield simulated


async def test_a_text_is_taken_and_has_a_sid(world: World) -> None:
    sid = await world.carrier.send_text(TextRequest("+12025550123", FROM, "Hello"))
    assert sid.startswith("SM")


@pytest.mark.parametrize("ending", ["0168", "0170"])
async def test_a_number_that_cannot_be_sent_texts_is_refused(world: World, ending: str) -> None:
    with pytest.raises(Rejected) as refused:
        await world.carrier.send_text(TextRequest(f"+1202555{ending}", FROM, "Hello"))
    assert refused.value.reason is RejectedClass.NUMBER


@pytest.mark.parametrize("ending", ["0174", "0175"])
async def test_an_answer_that_is_lost_leaves_it_unknown(world: World, ending: str) -> None:
    with pytest.raises(Ambiguous):
        await world.carrier.send_text(TextRequest(f"+1202555{ending}", FROM, "Hello"))
