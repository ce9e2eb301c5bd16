"""What is kept of a password, and that nobody's takes as long to look at as somebody's."""

import time
from statistics import median

from storage.accounts.password_hash import hash_password, is_password

PASSWORD = "some words in a row"


def test_a_hash_says_how_it_was_made_and_has_a_salt_of_its_own():
    one, two = hash_password(PASSWORD), hash_password(PASSWORD)
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != two
    assert is_password(PASSWORD, one)
    assert not is_password(PASSWORD + ".", one)


def test_what_looks_alike_opens_alike():
    assert is_password("cafe\u0301 cafe\u0301 am Ufer", hash_password("café café am Ufer"))


def test_nobodys_password_takes_as_long_as_somebodys():
    kept = hash_password(PASSWORD)
    took = {}
    for one in (kept, None):
        is_password("warm", one)
        times = []
        for _ in range(5):
            began = time.process_time()
            assert not is_password("other words", one)
            times.append(time.process_time() - began)
        took[one] = median(times)
    # Not a matter of a machine: of doing it at all.
    assert 0.1 < took[None] / took[kept] < 10
