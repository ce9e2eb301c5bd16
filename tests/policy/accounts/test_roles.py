"""What each role may do, as one table for people and keys."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.accounts.key_scopes import EVERY_SCOPE, SCOPES, allows, beyond
from policy.accounts.roles import SCOPES_OF, Role, written_out

API = Path(__file__).parents[3] / "api"


@pytest.mark.parametrize("role", list(Role))
def test_a_role_holds_scopes_that_there_are(role: Role):
    assert SCOPES_OF[role] <= SCOPES | {"*"}


def test_each_role_may_what_the_one_before_it_may_and_more():
    seen, worked, all_of_it = ({one for one in SCOPES if allows([role], one)} for role in (*Role,))
    assert seen < worked < all_of_it == SCOPES


@pytest.mark.parametrize(
    ("scope", "least"),
    [
        ("calls:read", Role.VIEWER),
        ("webhooks:read", Role.VIEWER),
        ("calls:write", Role.OPERATOR),
        ("suppressions:write", Role.OPERATOR),
        ("agents:write", Role.OPERATOR),
        ("compliance:write", Role.ADMIN),
        ("webhooks:write", Role.ADMIN),
        ("account:write", Role.ADMIN),
        ("carriers:read", Role.ADMIN),
        ("people:read", Role.ADMIN),
        ("keys:read", Role.ADMIN),
        ("audit_log:read", Role.ADMIN),
        ("privacy:read", Role.ADMIN),
    ],
)
def test_the_least_role_that_may(scope: str, least: Role):
    roles = list(Role)
    assert [role for role in roles if allows([role], scope)] == roles[roles.index(least) :]


def test_a_viewer_changes_nothing():
    assert not [one for one in SCOPES if one.endswith(":write") and allows(["viewer"], one)]


@given(st.lists(st.sampled_from(sorted(EVERY_SCOPE))), st.sampled_from(sorted(EVERY_SCOPE)))
def test_what_is_not_beyond_somebody_gives_nothing_that_they_lack(held: list[str], given_: str):
    if not beyond(held, [given_]):
        assert all(allows(held, one) for one in SCOPES if allows([given_], one))


@given(st.lists(st.sampled_from(sorted(EVERY_SCOPE))))
def test_a_role_written_out_allows_what_the_role_does(held: list[str]):
    out = written_out(held)
    assert not out & SCOPES_OF.keys()
    assert all(allows(held, one) == allows(out, one) for one in SCOPES)


def test_every_scope_that_a_route_asks_for_can_be_given():
    """One that was missing could be had by `*` alone."""
    asked = {
        scope
        for path in API.rglob("*.py")
        for scope in re.findall(r'requires\("([\w:]+)"\)', path.read_text())
    }
    assert asked
    assert asked <= SCOPES
