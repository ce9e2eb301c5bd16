"""People invited, given roles and kept out from the command line."""

from tests.cli.remote.conftest import Terminal


def test_the_first_person_is_invited_and_kept_out_again(terminal: Terminal) -> None:
    assert terminal("people", "list") == 0
    assert "invite somebody" in terminal.out
    made = terminal.json("people", "invite", "Ada@example.com", "--role", "operator")
    assert "/dashboard/sign-in/link/" in made["link"]
    assert terminal("people", "list") == 0
    assert "ada@example.com" in terminal.out
    assert made["link"] not in terminal.out
    assert terminal.json("people", "role", "ada@example.com", "viewer")["role"] == "viewer"
    assert terminal.json("people", "disable", made["memberId"])["status"] == "disabled"
    assert terminal.json("people", "list") == []
    assert len(terminal.json("people", "list", "--disabled")) == 1
    assert terminal.json("people", "enable", "ADA@example.com")["status"] == "invited"
    assert terminal.json("people", "reset", "ada@example.com")["link"] != made["link"]
    assert terminal.json("people", "sign-out", "ada@example.com")["status"] == "invited"
    assert terminal("people", "delete", "ada@example.com") == 0
    assert "ada is deleted" in terminal.out + terminal.err
    assert terminal.json("people", "list", "--disabled") == []


def test_whoever_is_not_there_and_a_role_that_is_none_are_told(terminal: Terminal) -> None:
    assert terminal("people", "disable", "nobody@example.com") != 0
    assert "There is nobody nobody@example.com" in terminal.err
    assert terminal("people", "invite", "ada@example.com", "--role", "owner") != 0
    assert "role" in terminal.err


def test_single_sign_on_is_set_shown_and_removed(terminal: Terminal) -> None:
    issuer = "https://login.example.com"
    made = terminal.json("single-sign-on", "set", issuer, "--client-id", "trunkline")
    assert made["redirectUri"].endswith("/dashboard/sign-in/callback")
    assert terminal("single-sign-on", "show") == 0
    assert issuer in terminal.out
    assert terminal("single-sign-on", "remove") == 0
    assert terminal("single-sign-on", "show") != 0
