"""Secrets are kept so that nobody reads them without the key, and the key can be changed."""

import pytest

from storage.carriers.sealer import NoSecretKey, Sealer, Unsealable, new_key

OLD, NEW = new_key(), new_key()


def test_what_was_sealed_is_opened_under_the_same_key_and_in_the_same_place():
    sealer = Sealer.of(OLD)
    sealed = sealer.seal("the-token", "row")
    assert "the-token" not in sealed
    assert sealer.open(sealed, "row") == "the-token"
    assert sealed != sealer.seal("the-token", "row")


@pytest.mark.parametrize("keys", ["", NEW], ids=["none", "another"])
def test_without_its_key_nothing_is_opened(keys: str):
    sealed = Sealer.of(OLD).seal("the-token", "row")
    with pytest.raises(Unsealable) as caught:
        Sealer.of(keys).open(sealed, "row")
    assert "the-token" not in str(caught.value)


def test_a_secret_of_another_row_or_one_that_was_changed_is_not_opened():
    sealer = Sealer.of(OLD)
    sealed = sealer.seal("the-token", "row")
    version, key_id, text = sealed.split(".")
    changed = text[:20] + ("A" if text[20] != "A" else "B") + text[21:]
    for place, said in (("other", sealed), ("row", f"{version}.{key_id}.{changed}"), ("row", "")):
        with pytest.raises(Unsealable):
            sealer.open(said, place)


def test_the_first_key_seals_and_all_open():
    both = Sealer.of(f"{NEW},\n{OLD}\n")
    before = Sealer.of(OLD).seal("the-token", "row")
    assert both.open(before, "row") == "the-token"
    assert not both.is_newest(before)
    sealed = both.seal("the-token", "row")
    assert both.is_newest(sealed)
    assert Sealer.of(NEW).open(sealed, "row") == "the-token"


def test_without_a_key_nothing_is_sealed():
    with pytest.raises(NoSecretKey):
        Sealer.of("").seal("the-token", "row")


@pytest.mark.parametrize(
    "text", ["password", NEW[:-5], NEW + "AAAA"], ids=["word", "short", "long"]
)
def test_what_is_no_key_is_refused_unquoted(text: str):
    with pytest.raises(ValueError, match="trunkline secrets key") as caught:
        Sealer.of(text)
    assert text not in str(caught.value)


def test_no_key_stands_in_a_repr():
    assert OLD not in repr(Sealer.of(OLD))
