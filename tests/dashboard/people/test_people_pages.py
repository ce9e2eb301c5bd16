"""Pages about people: who is offered what, and what is done; what each role may do here."""

import re
from http.cookiejar import Cookie

import pytest

from tests.dashboard.browser import HOME, Browser, read
from tests.dashboard.people.entrance import (
    ask,
    become,
    cookies_of,
    forget,
    invite,
    join,
    joined,
    sign_in,
)

PEOPLE = f"{HOME}/settings/people"
SIGN_ON = f"{HOME}/settings/single-sign-on"
_LINK = re.compile(r'id="secret">([^<]+)<')


async def test_the_first_person_is_invited_by_the_key_and_shown_a_link_once(browser: Browser):
    await browser.sign_in()
    assert "Nobody but keys yet" in await browser.page(PEOPLE)
    answer = await browser.send(PEOPLE, 200, email="ada@example.com", name="Ada", role="admin")
    found = _LINK.search(answer.text)
    assert found is not None
    assert answer.headers["cache-control"] == "no-store"
    assert found[1] not in await browser.html(PEOPLE)
    await join(browser, {"link": found[1]})
    assert "Ada (you) ada@example.com admin" in await browser.page(PEOPLE)
    entries = (await ask(browser, "GET", "audit-log"))["entries"]
    assert [one["actor"] for one in entries[:2]] == ["person Ada", "key bootstrap"]


async def test_a_mistake_in_an_invitation_is_said_at_its_field(browser: Browser):
    await browser.sign_in()
    answer = await browser.send(PEOPLE, 422, email="ada", name="", role="viewer")
    assert 'id="email-error"' in answer.text


async def test_an_admin_changes_roles_keeps_out_lets_in_and_makes_links(browser: Browser):
    grace = await invite(browser, "viewer", "grace@example.com")
    await joined(browser, "admin")
    path = f"{PEOPLE}/{grace['memberId']}"
    answer = await browser.send(f"{path}/role", role="operator")
    assert "The role is changed." in await browser.follow(answer)
    assert (await ask(browser, "GET", f"people/{grace['memberId']}"))["role"] == "operator"
    assert _LINK.search((await browser.send(f"{path}/reset", 200)).text)
    assert "They are kept out" in await browser.follow(await browser.send(f"{path}/disable"))
    assert "grace@" not in await browser.page(PEOPLE)
    assert "kept out since" in await browser.page(f"{PEOPLE}?all=true")
    assert "They may come in again" in await browser.follow(await browser.send(f"{path}/enable"))
    newest = (await ask(browser, "GET", "audit-log"))["entries"][0]
    assert (newest["actor"], newest["via"]) == ("person ada", "page")


async def test_an_admin_signs_out_and_deletes_somebody_whose_sessions_end_at_once(
    browser: Browser,
):
    grace = await joined(browser, "operator", "grace@example.com")
    sessions = cookies_of(browser)
    forget(browser)
    await joined(browser, "admin")
    admins = cookies_of(browser)

    async def is_in(cookies: list[Cookie]) -> bool:
        become(browser, cookies)
        return (await browser.http.get(f"{HOME}/me")).status_code == 200

    path = f"{PEOPLE}/{grace['memberId']}"
    assert await is_in(sessions)
    assert await is_in(admins)
    answer = await browser.send(f"{path}/sign-out")
    assert "They are signed out everywhere." in await browser.follow(answer)
    assert not await is_in(sessions)
    await sign_in(browser, "grace@example.com")
    again = cookies_of(browser)
    assert await is_in(admins)
    assert "They are deleted" in await browser.follow(await browser.send(f"{path}/delete"))
    assert not await is_in(again)
    entries = (await ask(browser, "GET", "audit-log"))["entries"]
    assert "person grace" in {one["actor"] for one in entries}


async def test_whoever_signs_out_everywhere_may_come_in_again(browser: Browser):
    await joined(browser, "viewer")
    sessions = cookies_of(browser)
    answer = await browser.send(f"{HOME}/me/sign-out-everywhere")
    assert "You are signed out everywhere." in await browser.follow(answer)
    become(browser, sessions)
    assert (await browser.http.get(f"{HOME}/me")).status_code == 303
    forget(browser)
    await sign_in(browser, "ada@example.com")
    assert "You, as viewer" in await browser.page(f"{HOME}/me")


async def test_a_key_is_no_person_that_could_sign_out_everywhere(browser: Browser):
    await browser.sign_in()
    assert "Sign out everywhere" not in await browser.page(f"{HOME}/me")
    await browser.send(f"{HOME}/me/sign-out-everywhere", 409)


@pytest.mark.parametrize("what", ["disable", "role", "delete"])
async def test_the_last_admin_stays_one(browser: Browser, what: str):
    made = await joined(browser, "admin")
    path = f"{PEOPLE}/{made['memberId']}"
    answer = await browser.send(f"{path}/{what}", 409, role="viewer")
    assert "Make somebody else an admin first." in read(answer.text)
    grace = await invite(browser, "admin", "grace@example.com")
    # Invited is not yet here.
    await browser.send(f"{path}/{what}", 409, role="viewer")
    forget(browser)
    await join(browser, grace)
    await browser.send(f"{path}/{what}", role="viewer")


async def test_a_last_key_may_go_once_an_admin_can_make_another(browser: Browser):
    [key] = (await ask(browser, "GET", "keys"))["keys"]
    refused = await browser.world.http.delete(f"/api/v1/keys/{key['keyId']}")
    assert refused.status_code == 409
    await joined(browser, "admin")
    await browser.send(f"{HOME}/settings/keys/{key['keyId']}/revoke")


@pytest.mark.parametrize(
    ("role", "offered", "refused"),
    [
        ("viewer", ["/calls", "/agents", "/settings"], ["/settings/people", "/settings/keys"]),
        (
            "operator",
            ["/calls", "/calls/new", "/agents/new"],
            ["/settings/people", "/webhooks/new"],
        ),
        ("admin", ["/calls/new", "/settings/people", "/settings/keys", "/webhooks/new"], []),
    ],
)
async def test_a_role_sees_what_it_may_and_is_refused_the_rest(
    browser: Browser, role: str, offered: list[str], refused: list[str]
):
    await joined(browser, role)
    for path in offered:
        assert (await browser.get(HOME + path)).status_code == 200, path
    for path in refused:
        assert "Your role lacks the scope" in await browser.page(HOME + path, 403)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/do-not-call", {"number": "+12125550123"}),
        ("/settings/people", {"email": "x@example.com", "role": "viewer"}),
        ("/settings/keys", {"name": "x", "scopes": "calls:read"}),
        ("/settings/single-sign-on", {"issuer": "https://evil.example", "client_id": "x"}),
        ("/settings", {"name": "ours"}),
    ],
)
async def test_a_viewer_changes_nothing(browser: Browser, path: str, form: dict[str, str]):
    await joined(browser, "viewer")
    before = len((await ask(browser, "GET", "audit-log"))["entries"])
    await browser.send(HOME + path, 403, **form)
    assert len((await ask(browser, "GET", "audit-log"))["entries"]) == before


async def test_an_operator_works_and_the_log_names_them(browser: Browser):
    made = await joined(browser, "operator")
    await browser.send(f"{HOME}/do-not-call", number="+12125550123", reason="asked")
    newest = (await ask(browser, "GET", "audit-log"))["entries"][0]
    assert (newest["actorKind"], newest["actorId"]) == ("person", made["memberId"])


async def test_an_operator_schedules_a_call(browser: Browser):
    """The key that stands for them is asked about in the transaction of the call."""
    agent = await browser.world.agent()
    await joined(browser, "operator")
    answer = await browser.send(
        f"{HOME}/calls/new", agent=agent, number="+12125550123", step="schedule"
    )
    assert "The call is scheduled." in await browser.follow(answer)


async def test_a_person_is_offered_no_more_than_their_role_has_when_they_make_a_key(
    browser: Browser,
):
    await joined(browser, "admin")
    html = await browser.html(f"{HOME}/settings/keys")
    assert 'value="operator"' in html


async def test_each_sees_who_they_are(browser: Browser):
    await browser.sign_in()
    assert "You have signed in with a key of the account default" in await browser.page(
        f"{HOME}/me"
    )
    forget(browser)
    await joined(browser, "viewer")
    text = await browser.page(f"{HOME}/me")
    assert "You, as viewer ada@example.com, in the account default." in text
    assert "calls:read" in text
    assert "calls:write" not in text


async def test_a_key_has_no_password_to_change(browser: Browser):
    await browser.sign_in()
    await browser.send(f"{HOME}/me/password", 422, current="x", password="quite other words")


async def test_single_sign_on_is_set_and_removed_on_its_page(browser: Browser):
    await joined(browser, "admin")
    assert "https://calls.example.com/dashboard/sign-in/callback" in await browser.page(SIGN_ON)
    wrong = await browser.send(SIGN_ON, 422, issuer="login", client_id="")
    assert 'id="issuer-error"' in wrong.text
    assert 'id="client_id-error"' in wrong.text
    form = {"issuer": "https://login.example.com", "client_id": "trunkline"}
    answer = await browser.send(SIGN_ON, 303, **form, domain="example.com", is_required="yes")
    assert "Passwords open nothing." in await browser.follow(answer)
    forget(browser)
    assert (await sign_in(browser)).status_code == 401
    assert "Sign in with single sign-on" in await browser.page(f"{HOME}/sign-in")
    await ask(browser, "DELETE", "single-sign-on")
    assert (await sign_in(browser)).status_code == 303
