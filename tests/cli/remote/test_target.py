"""Which server is asked, and with whose key: never a key for an address it was not kept for."""

import json
import stat
from pathlib import Path

import pytest

from cli.errors import Unusable
from cli.remote.profiles import Profiles, Target, target
from tests.api.world import KEY
from tests.cli.remote.conftest import Terminal


def keep(folder: Path, port: int = 8123) -> None:
    (folder / ".trunkline").mkdir()
    (folder / ".trunkline" / "secrets.json").write_text(json.dumps({"api_key": "tl_local"}))
    (folder / ".trunkline" / "ports.json").write_text(json.dumps({"api": port}))


def profile(name: str, *, use: bool = False) -> None:
    found = Profiles.load()
    found.targets[name] = Target(f"https://{name}.example.com", f"tl_{name}")
    found.chosen = name if use else found.chosen
    found.save()


def asked(**said: str) -> tuple[str, str]:
    found = target(**said, env={})
    return found.url, found.key


def test_the_stack_of_this_folder_is_found_from_below_it_too(nowhere: Terminal) -> None:
    keep(Path.cwd())
    below = Path.cwd() / "a" / "b"
    below.mkdir(parents=True)
    nowhere.monkeypatch.chdir(below)
    assert asked() == ("http://127.0.0.1:8123", "tl_local")


def test_a_chosen_profile_comes_before_it_and_a_named_one_before_that(nowhere: Terminal) -> None:
    keep(Path.cwd())
    profile("kept")
    assert asked() == ("http://127.0.0.1:8123", "tl_local")
    profile("chosen", use=True)
    assert asked() == ("https://chosen.example.com", "tl_chosen")
    assert asked(profile="kept") == ("https://kept.example.com", "tl_kept")
    env = {"TRUNKLINE_URL": "http://env", "TRUNKLINE_KEY": "tl_env"}
    assert target(env=env).key == "tl_env"
    assert target(env=env, profile="kept").key == "tl_kept"
    assert target(env=env, url="http://here", key="tl_said").url == "http://here"


def test_a_key_is_not_sent_to_another_address_than_its_own(nowhere: Terminal) -> None:
    keep(Path.cwd())
    profile("chosen", use=True)
    with pytest.raises(Unusable, match="Name an API key"):
        target(url="https://elsewhere.example.com", env={})
    env = {"TRUNKLINE_URL": "https://here.example.com", "TRUNKLINE_KEY": "tl_env"}
    with pytest.raises(Unusable, match="Name an API key"):
        target(url="https://elsewhere.example.com", env=env)
    with pytest.raises(Unusable, match="No Trunkline"):
        target(env={"TRUNKLINE_URL": "https://elsewhere.example.com"})


def test_where_nothing_is_known_it_says_what_to_do(nowhere: Terminal) -> None:
    assert nowhere("calls", "list") == 2
    assert "trunkline dev" in nowhere.err
    assert "trunkline profiles add" in nowhere.err


def test_a_profile_is_kept_for_its_owner_alone_and_never_shows_its_key(
    nowhere: Terminal, address: str
) -> None:
    assert nowhere("profiles", "add", "here", address, "--key", KEY, "--use") == 0
    path = Profiles.load().path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert nowhere("profiles", "list") == 0
    assert address in nowhere.out
    assert KEY not in nowhere.out + nowhere.err
    assert nowhere("calls", "list") == 0
    assert nowhere("profiles", "remove", "here") == 0
    assert nowhere("calls", "list") == 2


def test_a_key_that_the_server_does_not_take_is_not_kept(nowhere: Terminal, address: str) -> None:
    assert nowhere("profiles", "add", "here", address, "--key", "tl_wrong") == 2
    assert Profiles.load().targets == {}


def test_a_file_that_holds_no_profiles_is_told_and_a_name_that_is_not_there(
    nowhere: Terminal,
) -> None:
    assert nowhere("calls", "list", "--profile", "nobody") == 2
    assert "There is no profile nobody" in nowhere.err
    path = Profiles.load().path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[]")
    assert nowhere("profiles", "list") == 2
    assert str(path) in nowhere.err
