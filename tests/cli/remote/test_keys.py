"""Keys made, used, replaced and ended from the command line."""

from tests.cli.remote.conftest import Terminal
from trunkline_client import Trunkline


def test_a_key_from_the_command_line_works_until_it_is_revoked(
    terminal: Terminal, address: str
) -> None:
    made = terminal.json("keys", "create", "nightly", "--scope", "agents:read")
    with Trunkline(address, made["secret"]) as api:
        api.list_agents()
    assert terminal("keys", "list") == 0
    assert "nightly" in terminal.out
    assert made["secret"] not in terminal.out
    assert terminal("keys", "revoke", made["keyId"]) == 0
    assert made["keyId"] not in [one["keyId"] for one in terminal.json("keys", "list")]
    assert made["keyId"] in [one["keyId"] for one in terminal.json("keys", "list", "--ended")]


def test_a_replaced_key_lives_for_the_overlap(terminal: Terminal) -> None:
    made = terminal.json("keys", "create", "nightly", "--scope", "agents:read", "--expires", "+90d")
    new = terminal.json("keys", "rotate", made["keyId"], "--overlap", "PT1H")
    assert new["secret"] != made["secret"]
    [old] = [one for one in terminal.json("keys", "list") if one["keyId"] == made["keyId"]]
    assert old["replacedBy"] == new["keyId"]


def test_a_scope_that_there_is_not_is_named(terminal: Terminal) -> None:
    assert terminal("keys", "create", "x", "--scope", "calls:dial") != 0
    assert "scopes.0" in terminal.err
