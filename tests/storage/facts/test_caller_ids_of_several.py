"""From which caller ID each number of a person is dialed."""

import pytest

from policy.facts import Facts
from policy.model.call import EndpointKind
from policy.model.person import NOBODY
from storage.facts.several_numbers import at_numbers
from storage.tables import Agent
from tests.storage.make import NOW

FIRST, SECOND = "+12025550123", "+12025550124"
OWN, OTHER = "+12025550100", "+12025550101"


@pytest.mark.parametrize(
    ("asked", "marks", "shown"),
    [
        (OWN, None, OWN),
        ("+12025550199", None, OTHER),
        (OWN, {OWN: "barred"}, OTHER),
    ],
    ids=["as asked", "not the agent's", "barred since"],
)
def test_a_number_is_dialed_from_what_was_asked_for_if_the_agent_has_it(
    asked: str, marks: dict[str, str] | None, shown: str
):
    pool = [OWN, OTHER] if asked == OWN else [OTHER]
    agent = Agent(account_id="a", name="Ada", caller_ids=pool, caller_id_marks=marks or {})
    spec = [{"endpoint": one, "kind": "phone", "callerId": asked} for one in (FIRST, SECOND)]
    row = {"endpoint": FIRST, "caller_id": OTHER, "numbers_spec": spec}
    facts = Facts(FIRST, EndpointKind.PHONE, agent_enabled=True, agent_zone="UTC")
    known = at_numbers(facts, row, agent, (NOBODY, NOBODY), {}, NOW)
    assert [one.caller_ids for one in known.numbers] == [(OTHER,), (shown,)]
