"""Asked of the real API: what it answers is typed, and lists are gone through to their end."""

from datetime import datetime, timedelta

import pytest

from tests.api.world import MONDAY, PATHWAY
from tests.client.conftest import AGENT_ID, CONTEXT, NUMBER
from trunkline_client import (
    AsyncTrunkline,
    Conflict,
    NotFound,
    Problem,
    Trunkline,
    Unauthorized,
)
from trunkline_client.models import (
    AgentPatch,
    AgentRequest,
    CallRequest,
    ConsentRequest,
    PathwayRequest,
    RevocationRequest,
    Schedule,
    SuppressionRequest,
)


def request(number: int = 0, **said: object) -> CallRequest:
    body = {"agentId": AGENT_ID, "endpoint": f"+121255501{number:02}", "context": CONTEXT}
    return CallRequest.model_validate({**body, **said})


def test_a_call_is_submitted_and_found_again(client: Trunkline) -> None:
    said = CallRequest(agent_id=AGENT_ID, endpoint=NUMBER, priority=7, context=CONTEXT)
    call = client.create_call(said)
    assert (call.status, call.priority, call.endpoint) == ("Created", 7, NUMBER)
    assert isinstance(call.created_time, datetime)
    found = client.get_call(call.call_id)
    assert found.context == CONTEXT
    assert [one.type for one in found.events] == ["call.created"]


def test_what_is_not_said_is_not_sent(client: Trunkline) -> None:
    """Else every change would set all that it does not name."""
    before = client.get_agent(AGENT_ID)
    after = client.change_agent(AGENT_ID, AgentPatch(max_concurrent=3))
    assert after.max_concurrent == 3
    assert after.caller_ids == before.caller_ids


def test_a_call_for_later_takes_a_time(client: Trunkline) -> None:
    tomorrow = client.create_call(request()).created_time + timedelta(days=1)
    call = client.create_call(request(1, schedule=Schedule(not_before=tomorrow)))
    assert call.schedule.not_before == tomorrow


def test_a_list_is_gone_through_to_its_end(client: Trunkline) -> None:
    made = [client.create_call(request(number)).call_id for number in range(5)]
    assert sorted(call.call_id for call in client.iter_calls(take=2)) == sorted(made)
    assert sorted(call.call_id for call in client.iter_queue(take=2)) == sorted(made)
    entries = [
        client.add_suppression(SuppressionRequest(endpoint=f"+1202555010{n}")) for n in range(3)
    ]
    assert {one.suppression_id for one in client.iter_suppressions(take=2)} == {
        one.suppression_id for one in entries
    }


async def test_the_client_that_is_awaited_does_the_same(async_client: AsyncTrunkline) -> None:
    made = [(await async_client.create_call(request(number))).call_id for number in range(3)]
    found = [call.call_id async for call in async_client.iter_calls(take=2)]
    assert sorted(found) == sorted(made)
    with pytest.raises(NotFound):
        await async_client.get_call("nowhere")


def test_a_filter_by_ones_own_data_is_sent_under_its_name(client: Trunkline) -> None:
    client.create_call(request(0, additionalData={"crmId": "C-1"}))
    mine = client.create_call(request(1, additionalData={"crmId": "C-2"}))
    found = client.list_calls(additional_data={"crmId": "C-2"}, status=["Created", "Queued"])
    assert [one.call_id for one in found.calls] == [mine.call_id]


def test_a_refusal_names_the_field_and_the_code(client: Trunkline) -> None:
    with pytest.raises(Problem) as caught:
        client.create_call(request(0, callDeadline="2020-01-01T00:00:00Z"))
    assert (caught.value.status, caught.value.field) == (422, "callDeadline")
    assert caught.value.errors[0].code == caught.value.code == "deadline_past"
    assert NUMBER not in str(caught.value)


def test_what_the_account_does_not_have_is_not_found(client: Trunkline) -> None:
    with pytest.raises(NotFound) as caught:
        client.get_agent("nowhere")
    assert caught.value.code == "not_found"


def test_what_cannot_be_done_now_is_a_conflict(client: Trunkline) -> None:
    consent = client.add_consent(ConsentRequest(endpoint=NUMBER, tier="express", method="form"))
    client.revoke_consent(consent.consent_id, RevocationRequest(method="mail"))
    with pytest.raises(Conflict) as caught:
        client.revoke_consent(consent.consent_id, RevocationRequest(method="mail"))
    assert caught.value.code == "revoked"


def test_a_key_that_is_not_known_is_told_apart(address: str) -> None:
    with Trunkline(address, "tl_wrong") as stranger, pytest.raises(Unauthorized):
        stranger.get_account()


def test_the_same_idempotency_key_makes_one_call(client: Trunkline) -> None:
    first = client.create_call(request(), idempotency_key="once")
    assert client.create_call(request(), idempotency_key="once").call_id == first.call_id
    assert client.list_calls().total == 1


def test_a_dry_run_changes_nothing(client: Trunkline) -> None:
    call = client.create_call(request())
    moved = client.dry_add_suppression(SuppressionRequest(endpoint=call.endpoint))
    assert (moved.dry_run, moved.moved) == (True, 1)
    assert client.list_suppressions().total == 0


def test_a_file_is_sent_whole_and_in_pieces(client: Trunkline) -> None:
    file = b"phone\n+12025550101\n+12025550102\n+12025550103\n"
    assert client.import_suppressions(file).accepted == 3
    pieces = (file[n : n + 8] for n in range(0, len(file), 8))
    assert client.import_suppressions(pieces).accepted == 3


def test_a_csv_is_given_as_it_is(client: Trunkline) -> None:
    client.create_call(request())
    file = client.export_attempts(from_date=MONDAY - timedelta(days=1), to_date=MONDAY)
    assert b"callId" in file.splitlines()[0]


def test_several_calls_at_once_are_answered_one_by_one(client: Trunkline) -> None:
    rows = [request(), request(1), {"endpoint": "nonsense", "agentId": AGENT_ID}]
    done = client.create_calls({"calls": rows})
    assert [one.status for one in done.results] == ["accepted", "accepted", "rejected"]
    error = done.results[2].error
    assert error is not None
    assert (error.code, error.field) == ("invalid_number", "endpoint")


def test_an_agent_and_its_pathway_are_made_and_deleted(client: Trunkline) -> None:
    pathway = client.create_pathway(PathwayRequest.model_validate(PATHWAY))
    agent = client.create_agent(AgentRequest(name="Blue", pathway_id=pathway.pathway_id))
    assert agent.agent_id in [one.agent_id for one in client.iter_agents()]
    client.delete_agent(agent.agent_id)
    client.delete_pathway(pathway.pathway_id)
    assert pathway.pathway_id not in [one.pathway_id for one in client.iter_pathways()]
