"""Private nodes: refused where no answer opens the way, and on a leg only evidence counts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.model.reasons import RefusalCode
from policy.pathways.node_graph import links_of
from policy.pathways.private_nodes import is_confirmed
from policy.pathways.script import check_script

BYE = {"kind": "hang_up", "text": "Goodbye."}
TELL = {"kind": "say", "text": "Your balance is 12.", "private": True, "next": "bye"}
ASK = {"kind": "gather", "text": "Is it you?", "branches": [{"digits": "1", "next": "tell"}]}


def script(start: str, **nodes: Any) -> dict[str, Any]:
    return {"start": start, "nodes": nodes}


def faults(definition: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.code, one.field) for one in check_script(definition)]


def test_a_way_that_an_answer_opens_may_lead_to_what_is_private():
    assert faults(script("ask", ask={**ASK, "otherwise": "bye"}, tell=TELL, bye=BYE)) == []


@pytest.mark.parametrize(
    "nodes",
    [
        {"ask": {"kind": "say", "text": "Hello.", "next": "tell"}},
        {"ask": {**ASK, "otherwise": "tell"}},
        {"ask": {**ASK, "otherwise": "again"}, "again": {**ASK, "otherwise": "tell"}},
        {"ask": {"kind": "transfer", "to": "+12025550101", "next": "tell"}},
    ],
    ids=["said", "silence", "silence twice", "after a transfer"],
)
def test_a_way_without_an_answer_is_refused_at_the_private_node(nodes: dict[str, Any]):
    found = faults(script("ask", **nodes, tell=TELL, bye=BYE))
    assert found == [(RefusalCode.UNCONFIRMED_PRIVATE, "definition.nodes.tell")]


@pytest.mark.parametrize("kind", ["say", "gather", "transfer", "hang_up"])
def test_whatever_is_heard_may_be_private_and_an_outcome_may_not(kind: str):
    private: dict[str, Any] = {
        "say": TELL,
        "gather": {**ASK, "private": True, "otherwise": "bye"},
        "transfer": {"kind": "transfer", "to": "+12025550101", "private": True},
        "hang_up": {**BYE, "private": True},
    }[kind]
    nodes = {"ask": {**ASK, "otherwise": "bye"}, "tell": private, "bye": BYE}
    assert faults(script("ask", **nodes)) == []
    told = {"kind": "outcome", "outcome": "confirmed", "private": True, "next": "bye"}
    found = faults(script("ask", **{**nodes, "tell": told}))
    assert found == [("unknown_field", "definition.nodes.tell.private")]


def test_who_leaves_it_to_detection_says_so():
    plain = script("tell", tell=TELL, bye=BYE)
    assert faults({**plain, "privateAfter": "detection"}) == []
    assert faults({**plain, "privateAfter": "hope"}) == [("malformed", "definition.privateAfter")]


@pytest.mark.parametrize(
    ("answered_by", "heard_person", "confirmed"),
    [
        (None, False, False),
        ("unknown", False, False),
        ("machine_start", False, False),
        ("fax", False, False),
        ("human", False, True),
        (None, True, True),
        ("machine_end_beep", True, True),
    ],
)
def test_only_evidence_confirms_a_person(answered_by, heard_person, confirmed):
    assert is_confirmed(answered_by, heard_person=heard_person) is confirmed


NAMES = ("a", "b", "c", "d", "e")
target = st.sampled_from(NAMES)
node = st.one_of(
    st.builds(
        lambda n, p: {"kind": "say", "text": "x", "next": n, "private": p}, target, st.booleans()
    ),
    st.builds(
        lambda b, o, p: {
            "kind": "gather",
            "branches": [{"digits": "1", "next": b}],
            "otherwise": o,
            "private": p,
        },
        target,
        target,
        st.booleans(),
    ),
    st.just(BYE),
)


@given(st.fixed_dictionaries(dict.fromkeys(NAMES, node)), st.lists(st.booleans(), max_size=12))
def test_on_no_walk_through_a_script_that_may_be_saved_is_anything_private_said_in_silence(
    nodes: dict[str, Any], answers: list[bool]
):
    if any(
        one.code is RefusalCode.UNCONFIRMED_PRIVATE for one in check_script(script("a", **nodes))
    ):
        return
    if check_script(script("a", **nodes)):
        return
    here, answered, turns = "a", False, iter(answers)
    for _ in range(30):
        assert answered or not nodes[here].get("private")
        ways = dict(links_of(nodes[here]))
        if not ways:
            return
        if "otherwise" in ways and next(turns, False):
            answered, here = True, ways["branches.0.next"]
        else:
            here = ways.get("otherwise") or ways["next"]
