"""Transfers in pathways: what is refused, which targets are named, who is put through unasked."""

from typing import Any

import pytest

from policy.pathways.pathway import check_pathway, hands_over, transfer_targets

DESK: dict[str, Any] = {"kind": "transfer", "target": "desk", "next": "bye", "otherwise": "message"}
MESSAGE: dict[str, Any] = {"kind": "take_message", "text": "Leave a message.", "next": "bye"}


def script(desk: Any = None, message: Any = None, *, asks: bool = True) -> dict[str, Any]:
    ask = {
        "kind": "gather",
        "branches": [{"digits": "1", "next": "desk"}],
        "otherwise": "bye",
    }
    nodes = {
        "desk": {**DESK, **(desk or {})},
        "message": {**MESSAGE, **(message or {})},
        "bye": {"kind": "hang_up"},
        **({"ask": ask} if asks else {}),
    }
    return {"start": "ask" if asks else "desk", "nodes": nodes}


def refusals(definition: dict[str, Any]) -> list[tuple[str, str]]:
    return [(str(one.code), one.field) for one in check_pathway("script", definition)]


def test_a_script_that_puts_through_and_takes_messages_can_be_saved() -> None:
    assert refusals(script()) == []


@pytest.mark.parametrize(
    ("desk", "message", "found"),
    [
        ({"to": "+12025550101"}, None, ("malformed", "definition.nodes.desk.target")),
        ({"target": "The Desk"}, None, ("malformed", "definition.nodes.desk.target")),
        ({"target": 7}, None, ("malformed", "definition.nodes.desk.target")),
        (None, {"maxSeconds": 301}, ("malformed", "definition.nodes.message.maxSeconds")),
    ],
)
def test_a_mistake_is_refused_at_its_field(desk: Any, message: Any, found: tuple[str, str]) -> None:
    assert found in refusals(script(desk, message))


def test_a_target_without_another_way_is_a_dead_end() -> None:
    definition = script()
    del definition["nodes"]["desk"]["otherwise"]
    assert ("dead_end", "definition.nodes.desk.otherwise") in refusals(definition)


def test_who_is_put_through_without_an_answer_is_unasked() -> None:
    assert not hands_over("script", script())
    assert hands_over("script", script(asks=False))
    assert not hands_over("stream", {"url": "wss://a.example", "transfers": ["desk"]})


def test_all_targets_that_a_pathway_names_are_found_with_their_fields() -> None:
    assert transfer_targets("script", script()) == {"desk": "definition.nodes.desk.target"}
    relay = {"url": "wss://a.example", "transfers": ["a", "b"]}
    assert transfer_targets("conversation_relay", relay) == {
        "a": "definition.transfers.0",
        "b": "definition.transfers.1",
    }
    wrong = {"url": "wss://a.example", "transfers": ["A"]}
    (one,) = check_pathway("stream", wrong)
    assert one.field == "definition.transfers"
