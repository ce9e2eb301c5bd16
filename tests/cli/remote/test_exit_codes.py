"""Each way to fail has an exit code of its own, and names the field that is wrong."""

import json

from tests.cli.remote.conftest import SAID, Terminal

NUMBER = "+12125550123"


def test_done_well(terminal: Terminal) -> None:
    assert terminal("call", NUMBER, *SAID) == 0


def test_typed_wrongly(terminal: Terminal) -> None:
    assert terminal("call") == 2
    assert terminal("call", NUMBER, "--set", "Ada") == 2
    assert terminal.err.startswith("trunkline: --set takes NAME=VALUE")
    assert terminal("call", NUMBER, "--at", "soon") == 2
    assert "--at takes a time" in terminal.err


def test_not_there(terminal: Terminal) -> None:
    assert terminal("calls", "show", "nowhere") == 3
    assert terminal("agents", "show", "nobody") == 3
    assert "There are: examples." in terminal.err
    assert terminal("open", "nothing", "--print") == 3


def test_refused_and_the_field_is_named(terminal: Terminal) -> None:
    assert terminal("call", "+1555", *SAID) == 4
    assert terminal.err.startswith("trunkline: endpoint: ")
    assert terminal.err.endswith("(invalid_number)\n")
    assert terminal("call", NUMBER) == 4
    assert "firstName" in terminal.err
    assert terminal("calls", "list", "--key", "tl_wrong", "--url", address_of(terminal)) == 4
    assert "(unauthorized)" in terminal.err


def address_of(terminal: Terminal) -> str:
    assert terminal("open", "--print") == 0
    return terminal.out.removesuffix("/dashboard\n")


def test_a_program_gets_the_problem_as_it_is(terminal: Terminal) -> None:
    assert terminal("call", "+1555", *SAID, "--json") == 4
    problem = json.loads(terminal.err.splitlines()[0])
    assert problem["errors"][0]["field"] == "endpoint"
    assert terminal.out == ""


def test_the_server_is_away(nowhere: Terminal) -> None:
    nowhere.monkeypatch.setattr("trunkline_client.retries.Retries.pause", lambda *_: None)
    said = ("--url", "http://127.0.0.1:1", "--key", "tl_x")
    assert nowhere("calls", "list", *said) == 5
    assert nowhere.err == "trunkline: Nothing answers at http://127.0.0.1:1 (--url).\n"
