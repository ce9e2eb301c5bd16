"""The account, its keys and the audit log on pages: what they show, what is done, who may."""

import re
from typing import Any

import pytest

from tests.api.worker import get
from tests.api.world import Json
from tests.dashboard.browser import HOME, Browser, read

SETTINGS = f"{HOME}/settings"
KEYS = f"{SETTINGS}/keys"
LOG = f"{SETTINGS}/audit-log"
_SECRET = re.compile(r'id="secret">(tl_[\w-]+)<')


async def make_key(browser: Browser, *scopes: str, name: str = "nightly") -> str:
    """Its secret, as the page shows it."""
    token = await browser.token()
    form = {"token": token, "name": name, "scopes": list(scopes), "days": "90"}
    answer = await browser.http.post(KEYS, data=form)
    assert answer.status_code == 200, read(answer.text)
    found = _SECRET.search(answer.text)
    assert found is not None
    assert answer.headers["cache-control"] == "no-store"
    return found[1]


async def nightly(browser: Browser) -> Json:
    found = (await get(browser.world, "keys"))["keys"]
    [key] = [one for one in found if one["name"] == "nightly"]
    return dict(key)


async def test_the_account_shows_its_limits_and_changes_what_is_typed(browser: Browser):
    await browser.sign_in()
    text = await browser.page(SETTINGS)
    assert "Calls at once 0 of 100" in text
    assert "6 000 a minute, 20 streams" in text
    form: Any = {
        "name": "Blue Clinic",
        "plan": "",
        "max_concurrent": "7",
        "calls_per_minute": "600",
    }
    answer = await browser.send(SETTINGS, spend_limit="12.50", **form)
    assert "The account is changed." in await browser.follow(answer)
    account = await get(browser.world, "account")
    assert (account["name"], account["maxConcurrent"]) == ("Blue Clinic", 7)
    assert account["spendLimit"] == 12_500_000
    entry = (await get(browser.world, "audit-log"))["entries"][0]
    assert (entry["action"], entry["via"]) == ("change_account", "page")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("max_concurrent", "many", "Must be a whole number."),
        ("max_concurrent", "0", "Must be at least 1"),
        ("spend_limit", "x", "Must be an amount"),
        ("plan", "golden", "Must be one of"),
        ("name", "", "Must be at least 1 long."),
    ],
)
async def test_a_mistake_is_said_at_its_field_and_what_was_typed_stays(
    browser: Browser, field: str, typed: str, said: str
):
    await browser.sign_in()
    form: Any = {"name": "default", "max_concurrent": "100", "calls_per_minute": "600"}
    answer = await browser.send(SETTINGS, 422, **{**form, field: typed})
    assert said in read(answer.text)
    assert f'id="{field}-error"' in answer.text
    assert (await get(browser.world, "account"))["name"] == "default"


async def test_a_plan_sets_the_limits(browser: Browser):
    await browser.sign_in()
    form: Any = {"name": "default", "max_concurrent": "100", "calls_per_minute": "600"}
    await browser.send(SETTINGS, plan="starter", **form)
    account = await get(browser.world, "account")
    assert (account["plan"], account["maxConcurrent"]) == ("starter", 5)


async def test_a_key_that_is_made_on_the_page_works_and_is_shown_once(browser: Browser):
    await browser.sign_in()
    secret = await make_key(browser, "agents:read", "calls:read")
    answer = await browser.world.http.get(
        "/api/v1/agents", headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.status_code == 200
    text = await browser.html(KEYS)
    assert "nightly" in text
    assert secret not in text


async def test_a_key_is_revoked_on_the_page(browser: Browser):
    await browser.sign_in()
    await make_key(browser, "agents:read")
    key = await nightly(browser)
    answer = await browser.send(f"{KEYS}/{key['keyId']}/revoke")
    assert "It opens nothing any more." in await browser.follow(answer)
    assert "nightly" not in await browser.page(KEYS)
    assert "nightly" in await browser.page(f"{KEYS}?all=true")


async def test_a_key_is_replaced_on_the_page(browser: Browser):
    await browser.sign_in()
    await make_key(browser, "agents:read")
    key = await nightly(browser)
    answer = await browser.send(f"{KEYS}/{key['keyId']}/rotate", 200, overlap="PT1H")
    assert _SECRET.search(answer.text)
    assert "replaced" in await browser.page(KEYS)


async def test_nobody_is_offered_more_than_they_have(browser: Browser):
    await browser.sign_in_with(["keys:*", "calls:read"])
    html = await browser.html(KEYS)
    assert 'value="calls:read"' in html
    assert 'value="calls:write"' not in html
    assert 'value="*"' not in html
    token = await browser.token()
    form = {"token": token, "name": "more", "scopes": ["calls:write"], "days": ""}
    answer = await browser.http.post(KEYS, data=form)
    assert answer.status_code == 422
    assert "cannot give it to another" in read(answer.text)


@pytest.mark.parametrize(
    ("scope", "page"),
    [("account:read", SETTINGS), ("keys:read", KEYS), ("audit_log:read", LOG)],
)
async def test_each_page_has_its_scope_and_the_menu_leads_to_what_one_may_see(
    browser: Browser, scope: str, page: str
):
    await browser.sign_in_with([scope])
    assert f'href="{page}"' in await browser.html(HOME)
    for one in (SETTINGS, KEYS, LOG):
        assert (await browser.get(one)).status_code == (200 if one == page else 403)
    assert "Make the key" not in await browser.html(KEYS)


async def test_the_log_says_who_changed_what_and_is_saved_as_a_file(browser: Browser):
    await browser.sign_in()
    await browser.world.agent()
    await make_key(browser, "agents:read", name="secret name")
    text = await browser.page(LOG)
    assert "key bootstrap create agent" in text
    assert "on a page create key" in text
    assert "secret name" not in text
    only = await browser.page(f"{LOG}?action=create_agent")
    assert "create key" not in only
    answer = await browser.get(f"{LOG}.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "create_agent" in answer.text
