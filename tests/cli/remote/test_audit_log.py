"""Who changed what, on the command line."""

from tests.cli.remote.conftest import Terminal


def test_changes_are_listed_and_exported(terminal: Terminal) -> None:
    terminal("keys", "create", "nightly", "--scope", "agents:read")
    assert terminal("audit-log", "list", "--action", "create_key", "--limit", "1") == 0
    assert "create_key" in terminal.out
    assert "name, scopes" in terminal.out
    assert terminal("audit-log", "export") == 0
    assert terminal.out.startswith("at,actor,actorId,via,action,objectId,fields")
    assert "nightly" not in terminal.out
