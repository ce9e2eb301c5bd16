"""People sign in with a password: by a link that works once, then by address; how it ends."""

import asyncio
import threading
from collections.abc import MutableMapping
from typing import Any

import pytest
from sqlmodel import select

from api.people import sign_in as sign_in_of_people
from storage.accounts import accounts
from storage.accounts.password_hash import is_password
from storage.tables import Account, ApiKey, Member
from tests.api.world import Json
from tests.dashboard.browser import HOME, SESSION, Browser, read
from tests.dashboard.people.entrance import (
    PASSWORD,
    SIGN_IN,
    ask,
    forget,
    invite,
    join,
    joined,
    path_of,
    sign_in,
    submit,
)

WRONG = "Address and password do not belong together."


def doors(browser: Browser) -> Any:
    return browser.world.http._transport.app.state.services.doors  # type: ignore[attr-defined]


async def is_in(browser: Browser) -> bool:
    return (await browser.get(HOME)).status_code == 200


# -- links


async def test_a_link_lets_one_choose_a_password_and_come_in(browser: Browser):
    made = await invite(browser)
    assert "ada@example.com in the account default , as operator" in await browser.page(
        path_of(made)
    )
    answer = await join(browser, made)
    assert answer.headers["location"] == HOME
    assert "Account default , person ada (operator)" in await browser.follow(answer)
    person = await ask(browser, "GET", f"people/{made['memberId']}")
    assert (person["status"], person["signsInBy"]) == ("active", ["password"])
    newest = (await ask(browser, "GET", "audit-log"))["entries"][0]
    assert (newest["actor"], newest["actorKind"]) == ("person ada", "person")
    assert (newest["action"], newest["actorId"]) == ("join_account", made["memberId"])


async def test_a_link_works_once_and_not_for_long(browser: Browser):
    made = await invite(browser)
    await join(browser, made)
    assert "This link was used" in await browser.page(path_of(made), 404)
    other = await invite(browser, email="grace@example.com")
    browser.world.clock.pass_(days=7)
    assert "its time is over" in await browser.page(path_of(other), 404)


async def test_of_two_who_use_a_link_at_once_one_comes_in(browser: Browser):
    made = await invite(browser)
    answers = await asyncio.gather(
        *(submit(browser, path_of(made), path_of(made), password=PASSWORD + n) for n in "ab")
    )
    assert sorted(one.status_code for one in answers) == [303, 404]


async def test_a_link_of_somebody_disabled_or_replaced_opens_nothing(browser: Browser):
    made = await invite(browser)
    again = await ask(browser, "POST", f"people/{made['memberId']}/reset")
    assert (await browser.get(path_of(made))).status_code == 404
    await ask(browser, "POST", f"people/{made['memberId']}/disable")
    assert (await browser.get(path_of(again))).status_code == 404


async def test_links_that_are_guessed_are_slowed(browser: Browser):
    doors(browser).clock = lambda: 1000.0
    answers = [await browser.get(f"{SIGN_IN}/link/{number}") for number in range(31)]
    assert [one.status_code for one in answers] == [404] * 30 + [429]
    assert "Retry-After" in answers[-1].headers


@pytest.mark.parametrize("password", ["short", "x" * 40, "ada@example.com1", "123456789012345"])
async def test_a_bad_password_is_told_and_uses_no_link_up(browser: Browser, password: str):
    made = await invite(browser)
    answer = await submit(browser, path_of(made), path_of(made), password=password)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    await join(browser, made)


async def test_what_is_kept_of_a_password_is_argon2id_and_no_log_has_it(
    browser: Browser, logged: list[MutableMapping[str, Any]]
):
    made = await joined(browser)
    async with browser.world.db.read() as session:
        row = await session.get(Member, made["memberId"])
    assert row is not None
    assert (row.password_hash or "").startswith("$argon2id$v=19$")
    secret = made["link"].rpartition("/")[2]
    assert not any(text in str(logged) for text in (PASSWORD, secret, "ada@example.com"))


# -- passwords


async def test_address_and_password_sign_in_again(browser: Browser):
    await joined(browser)
    await browser.send(f"{HOME}/sign-out")
    assert not await is_in(browser)
    answer = await sign_in(browser, " ADA@example.com ", next="/dashboard/calls")
    assert answer.headers["location"] == "/dashboard/calls"
    assert await is_in(browser)


async def test_each_sign_in_begins_a_session_of_its_own(browser: Browser):
    await joined(browser)
    first = browser.http.cookies[SESSION]
    forget(browser)
    await sign_in(browser)
    assert browser.http.cookies[SESSION] != first


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.com", "other words in a row"),
        ("nobody@example.com", PASSWORD),
        ("ada@example.com", ""),
        ("grace@example.com", PASSWORD),
    ],
)
async def test_a_pair_that_is_wrong_is_told_alike_whatever_is_wrong(
    browser: Browser, email: str, password: str
):
    await joined(browser)
    await invite(browser, email="grace@example.com")
    forget(browser)
    answer = await sign_in(browser, email, password)
    assert answer.status_code == 401
    assert WRONG in read(answer.text)
    assert SESSION not in browser.http.cookies


async def test_one_hash_is_worked_out_whether_or_not_somebody_is_known(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
):
    """Else the time it takes would tell who works here, and in how many accounts."""
    worked: list[bool] = []

    def noted(password: str, kept: str | None) -> bool:
        worked.append(kept is not None)
        return is_password(password, kept)

    await joined(browser)
    forget(browser)
    monkeypatch.setattr(sign_in_of_people, "is_password", noted)
    for email in ("ada@example.com", "nobody@example.com"):
        await sign_in(browser, email, "other words in a row")
    assert worked == [True, False]


async def test_passwords_of_one_person_are_slowed_from_wherever_they_come(browser: Browser):
    await joined(browser)
    forget(browser)
    doors(browser).clock = lambda: 1000.0
    answers = [await sign_in(browser, password=f"wrong words {n:05}") for n in range(11)]
    assert [one.status_code for one in answers] == [401] * 10 + [429]
    assert "Retry-After" in answers[-1].headers
    assert "tried for this address" in read(answers[-1].text)
    # Right or not: else many at once would be a way around it.
    assert (await sign_in(browser)).status_code == 429
    doors(browser).clock = lambda: 1007.0
    assert (await sign_in(browser)).status_code == 303


async def test_passwords_of_many_people_are_slowed_by_where_they_come_from(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sign_in_of_people, "is_password", lambda *_: False)
    doors(browser).clock = lambda: 1000.0
    token = (await browser.html(SIGN_IN)).partition('name="token" value="')[2].partition('"')[0]
    statuses = []
    for number in range(31):
        form = {"token": token, "email": f"a{number}@example.com", "password": "x"}
        statuses.append((await browser.http.post(SIGN_IN, data=form)).status_code)
    assert statuses == [401] * 30 + [429]


async def test_a_crowd_at_the_door_keeps_nobody_from_the_api(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
):
    """Those who are too many are told so at once, and hold no place of other requests."""
    opened = threading.Event()
    monkeypatch.setattr(sign_in_of_people, "is_password", lambda *_: opened.wait(60) and False)
    token = (await browser.html(SIGN_IN)).partition('name="token" value="')[2].partition('"')[0]
    crowd = [
        asyncio.create_task(
            browser.http.post(
                SIGN_IN,
                data={"token": token, "email": f"a{number}@example.com", "password": PASSWORD},
            )
        )
        for number in range(30)
    ]
    done: set[Any] = set()
    while len(done) < 16:
        done, _ = await asyncio.wait(crowd, timeout=1, return_when=asyncio.FIRST_COMPLETED)
    assert {one.result().status_code for one in done} == {429}
    assert (await browser.world.http.get("/api/v1/agents")).status_code == 200
    opened.set()
    statuses = [(await one).status_code for one in crowd]
    assert (statuses.count(401), statuses.count(429)) == (14, 16)


async def test_a_sign_in_of_another_site_signs_nobody_in(browser: Browser):
    await joined(browser)
    forget(browser)
    form = {"email": "ada@example.com", "password": PASSWORD}
    assert (await browser.http.post(SIGN_IN, data=form)).status_code == 403


async def test_somebody_in_two_accounts_says_which_one_and_crosses_into_no_other(
    browser: Browser,
):
    await joined(browser)
    forget(browser)
    async with browser.world.db.write() as session:
        other = Account(name="Red Clinic", created_time=browser.world.clock.now)
        session.add(other)
        await session.flush()
        _, key = await accounts.new_key(
            session, other.account_id, "o", ["*"], browser.world.clock.now
        )
    body = {"email": "ada@example.com", "role": "viewer"}
    answer = await browser.world.http.post(
        "/api/v1/people", json=body, headers={"Authorization": f"Bearer {key}"}
    )
    await join(browser, answer.json(), "quite other words")
    assert "Account Red Clinic , person ada (viewer)" in await browser.page()
    forget(browser)
    assert (await sign_in(browser, account="red clinic")).status_code == 401
    assert (await sign_in(browser, account="default")).status_code == 303
    assert "Account default" in await browser.page()


# -- the end of sessions


@pytest.mark.parametrize("what", ["disable", "reset", "role"])
async def test_sessions_end_when_somebody_is_kept_out_reset_or_given_another_role(
    browser: Browser, what: str
):
    made = await joined(browser)
    assert await is_in(browser)
    path = f"people/{made['memberId']}"
    if what == "role":
        await ask(browser, "PATCH", path, {"role": "viewer"})
    else:
        await ask(browser, "POST", f"{path}/{what}")
    assert not await is_in(browser)
    assert (await sign_in(browser)).status_code == (303 if what == "role" else 401)


async def test_the_same_role_or_another_name_ends_nothing(browser: Browser):
    made = await joined(browser)
    path = f"people/{made['memberId']}"
    await ask(browser, "PATCH", path, {"role": "operator", "name": "Ada Novak"})
    assert "person Ada Novak (operator)" in await browser.page()


async def test_who_is_let_in_again_comes_in_with_the_old_password_and_no_old_session(
    browser: Browser,
):
    made = await joined(browser)
    old = browser.http.cookies[SESSION]
    for what in ("disable", "enable"):
        await ask(browser, "POST", f"people/{made['memberId']}/{what}")
    assert (await browser.http.get(HOME, cookies={SESSION: old})).status_code == 303
    assert (await sign_in(browser)).status_code == 303


async def test_a_changed_password_ends_all_other_sessions_and_keeps_this_one(browser: Browser):
    await joined(browser)
    old = browser.http.cookies[SESSION]
    answer = await browser.send(
        f"{HOME}/me/password", current=PASSWORD, password="quite other words"
    )
    assert "The password is changed." in await browser.follow(answer)
    assert await is_in(browser)
    copied = await browser.world.http.get(HOME, cookies={SESSION: old})
    assert copied.status_code == 303
    forget(browser)
    assert (await sign_in(browser)).status_code == 401
    assert (await sign_in(browser, password="quite other words")).status_code == 303
    newest = (await ask(browser, "GET", "audit-log"))["entries"][0]
    assert (newest["action"], newest["actor"]) == ("change_password", "person ada")
    assert "words" not in str(newest)


@pytest.mark.parametrize(
    ("current", "new", "said"),
    [
        ("not it at all", "quite other words", "This is not your password."),
        (PASSWORD, "short", "at least 15 characters"),
    ],
)
async def test_a_password_is_changed_only_by_who_knows_it_and_only_to_a_good_one(
    browser: Browser, current: str, new: str, said: str
):
    await joined(browser)
    answer = await browser.send(f"{HOME}/me/password", 422, current=current, password=new)
    assert said in read(answer.text)
    assert await is_in(browser)


async def test_the_key_that_stands_for_somebody_is_opened_by_no_text(browser: Browser):
    made = await joined(browser)
    async with browser.world.db.read() as session:
        row = await session.get(Member, made["memberId"])
        assert row is not None
        found: Json = {}
        for key in (await session.exec(select(ApiKey))).all():
            found[str(key.member_id)] = key.sha256
    for text in (found[made["memberId"]], "", made["memberId"]):
        answer = await browser.world.http.get(
            "/api/v1/agents", headers={"Authorization": f"Bearer {text}"}
        )
        assert answer.status_code == 401
