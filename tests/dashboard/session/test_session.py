"""Who may look: signing in and out, expiry, revoked keys, forms of others, scopes, headers."""

import re
from collections.abc import MutableMapping
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from api.app import assemble
from api.http.body_limits import MAX_BODY
from dashboard.session.signature import read_pass, signer_of
from server import create_server
from settings import Settings
from storage.database.engine import DatabaseBusy
from storage.tables import ApiKey
from tests.api.world import KEY, World
from tests.dashboard.browser import HOME, SESSION, Browser, cookie, read

SIGN_IN = f"{HOME}/sign-in"
PAGES = (
    *("", "/calls", "/campaigns", "/do-not-call", "/do-not-call/import", "/compliance/rules"),
    *("/compliance/consents", "/compliance/own/new", "/compliance/explain", "/webhooks"),
    *("/webhooks/new", "/zone", "/nothing", "/calls/nobody"),
)


# -- in and out


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_asks_strangers_to_sign_in(browser: Browser, path: str):
    answer = await browser.get(HOME + path)
    wanted = f"?next={HOME}{path}" if path else ""
    assert (answer.status_code, answer.headers["location"]) == (303, SIGN_IN + wanted)


async def test_a_key_opens_the_dashboard(browser: Browser):
    answer = await browser.sign_in()
    assert answer.headers["location"] == HOME
    assert "Account default , key bootstrap" in await browser.follow(answer)


async def test_the_session_is_a_cookie_that_no_script_reads_and_no_other_site_sends(
    browser: Browser,
):
    said = cookie(await browser.sign_in(), SESSION)
    for part in ("HttpOnly", "Secure", "SameSite=strict", "Path=/", "Max-Age=28800"):
        assert part in said
    assert "Domain" not in said
    assert KEY not in said


async def test_over_plain_http_the_cookie_is_not_secure_or_it_would_never_come_back(
    application: FastAPI, world: World, settings: Settings
):
    plain = settings.model_copy(update={"public_url": "http://api"})
    application.state.services = assemble(plain, world.db, world.gateway, world.clock)
    transport = httpx2.ASGITransport(application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://api") as http:
        browser = Browser(http, world)
        answer = await browser.sign_in()
        assert "Secure" not in cookie(answer, "trunkline")
        assert "Overview" in await browser.follow(answer)


@pytest.mark.parametrize("key", ["", "tl_wrong", KEY + "x", "ключ"])
async def test_a_key_that_is_unknown_opens_nothing(browser: Browser, key: str):
    answer = await browser.sign_in(key, status=401)
    assert "unknown, over or was revoked" in read(answer.text)
    assert SESSION not in browser.http.cookies
    assert (await browser.get(HOME)).status_code == 303


async def test_after_signing_in_one_is_where_one_wanted_to_go(browser: Browser):
    html = await browser.html(f"{SIGN_IN}?next=/dashboard/calls")
    assert 'name="next" value="/dashboard/calls"' in html
    answer = await browser.sign_in(next="/dashboard/calls")
    assert answer.headers["location"] == "/dashboard/calls"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/dashboard/../x", "/dashboard\\x", "x"]
)
async def test_signing_in_leads_to_no_other_site(browser: Browser, elsewhere: str):
    assert (await browser.sign_in(next=elsewhere)).headers["location"] == HOME
    assert (await browser.get(f"{SIGN_IN}?next={elsewhere}")).headers["location"] == HOME


async def test_signing_out_ends_the_session_in_this_browser(browser: Browser):
    await browser.sign_in()
    answer = await browser.send(f"{HOME}/sign-out")
    assert "You are signed out." in await browser.follow(answer)
    assert SESSION not in browser.http.cookies
    assert (await browser.get(HOME)).status_code == 303


async def test_a_cookie_that_was_copied_opens_nothing_after_signing_out(browser: Browser):
    await browser.sign_in()
    copied = browser.http.cookies[SESSION]
    await browser.send(f"{HOME}/sign-out")
    answer = await browser.http.get(HOME, cookies={SESSION: copied})
    assert answer.status_code == 303
    await browser.sign_in()
    assert (await browser.get(HOME)).status_code == 200


async def test_wrong_keys_are_slowed_at_the_sign_in_too(browser: Browser):
    services = browser.world.http._transport.app.state.services  # type: ignore[attr-defined]
    services.doors.clock = lambda: 1000.0
    for number in range(30):
        await browser.sign_in(f"tl_{number:07}", status=401)
    assert "Too many wrong keys" in read((await browser.sign_in("tl_wrong", status=429)).text)


async def test_the_key_stands_in_no_log_and_in_no_page(
    browser: Browser, logged: list[MutableMapping[str, Any]]
):
    await browser.sign_in()
    assert KEY not in await browser.html()
    assert KEY not in str(logged)


async def test_a_link_from_another_site_is_loaded_again_once_for_the_strict_cookie(
    browser: Browser,
):
    answer = await browser.get(f"{HOME}/calls", sec_fetch_site="cross-site")
    assert answer.status_code == 200
    assert 'content="0; url=/dashboard/calls?reload=1"' in answer.text
    again = await browser.get(f"{HOME}/calls?reload=1", sec_fetch_site="cross-site")
    assert again.status_code == 303


# -- its end


async def test_a_session_ends_after_eight_hours(browser: Browser):
    await browser.sign_in()
    browser.world.clock.pass_(hours=7, minutes=59, seconds=59)
    assert (await browser.get(HOME)).status_code == 200
    browser.world.clock.pass_(seconds=1)
    assert (await browser.get(HOME)).status_code == 303


async def test_a_revoked_key_ends_its_sessions_at_once(browser: Browser):
    row = await browser.sign_in_with(["*"])
    assert (await browser.get(HOME)).status_code == 200
    async with browser.world.db.write() as session:
        key = await session.get(ApiKey, row.api_key_id)
        assert key is not None
        key.revoked_time = browser.world.clock.now
        session.add(key)
    assert (await browser.get(HOME)).status_code == 303


async def test_scopes_that_a_key_lost_are_lost_in_its_sessions(browser: Browser):
    row = await browser.sign_in_with(["calls:read"])
    assert (await browser.get(f"{HOME}/calls")).status_code == 200
    async with browser.world.db.write() as session:
        key = await session.get(ApiKey, row.api_key_id)
        assert key is not None
        key.scopes = ["campaigns:read"]
        session.add(key)
    assert (await browser.get(f"{HOME}/calls")).status_code == 403


async def test_a_changed_cookie_is_no_session(browser: Browser):
    shown = read_pass(cookie(await browser.sign_in(), SESSION).partition("=")[2].split(";")[0])
    assert shown is not None
    forged = [
        replace(shown, ends=shown.ends + 1),
        replace(shown, nonce="A" * 22),
        replace(shown, key_id="another"),
        replace(shown, signature="A" * 43),
    ]
    for one in (*map(str, forged), "", "x", f"{shown}x"):
        browser.http.cookies.clear()
        answer = await browser.get(HOME, cookie=f"{SESSION}={one}")
        assert answer.status_code == 303, one


def test_another_secret_of_the_deployment_signs_otherwise():
    both = [SecretStr("one"), SecretStr("two")]
    signers = [signer_of(Settings(twilio_auth_token=secret)) for secret in both]
    signers.append(signer_of(Settings(privacy_key=both[0])))
    assert len({one.secret for one in signers}) == 3
    assert signer_of(Settings(twilio_auth_token=both[0])) == signers[0]


def test_without_any_secret_each_process_has_its_own():
    assert signer_of(Settings()) != signer_of(Settings())


# -- forms of others


async def test_a_form_without_its_token_does_nothing(browser: Browser):
    call_id = await browser.world.call()
    await browser.sign_in()
    for form in ({}, {"token": "x"}, {"token": "ключ"}):
        answer = await browser.send_raw(f"{HOME}/calls/{call_id}/cancel", 403, **form)
        assert "This form is out of date" in read(answer.text)
    assert browser.world.gateway.canceled == []


async def test_a_token_of_another_session_does_nothing(browser: Browser):
    await browser.sign_in()
    token = await browser.token()
    browser.http.cookies.clear()
    await browser.sign_in()
    await browser.send_raw(f"{HOME}/do-not-call", 403, token=token, number="+12125550123")


async def test_a_sign_in_form_of_another_site_signs_nobody_in(browser: Browser):
    await browser.send_raw(SIGN_IN, 403, key=KEY)
    await browser.html(SIGN_IN)
    await browser.send_raw(SIGN_IN, 403, key=KEY, token="x")
    assert SESSION not in browser.http.cookies


async def test_a_form_sent_after_the_end_leads_to_the_sign_in_page(browser: Browser):
    await browser.sign_in()
    token = await browser.token()
    browser.world.clock.pass_(hours=9)
    answer = await browser.send_raw(f"{HOME}/sign-out", 303, token=token)
    assert answer.headers["location"] == SIGN_IN


async def test_text_that_no_database_keeps_is_refused(browser: Browser):
    await browser.sign_in()
    await browser.send(f"{HOME}/do-not-call", 422, number="+12125550123", reason="a\0b")


# -- scopes


@pytest.mark.parametrize(
    ("scopes", "offered"),
    [
        (["*"], ["Overview", "Calls", "Campaigns", "Compliance", "Webhooks"]),
        (["calls:read"], ["Overview", "Calls"]),
        (["campaigns:*", "suppressions:read"], ["Overview", "Campaigns", "Compliance"]),
        (["consents:read", "webhooks:read"], ["Overview", "Compliance", "Webhooks"]),
        ([], ["Overview"]),
    ],
)
async def test_only_pages_that_the_key_may_read_are_offered(
    browser: Browser, scopes: list[str], offered: list[str]
):
    await browser.sign_in_with(scopes)
    nav = (await browser.html()).partition("<nav")[2].partition("</nav>")[0]
    every = ("Overview", "Calls", "Campaigns", "Compliance", "Webhooks")
    assert [name for name in every if name in nav] == offered


@pytest.mark.parametrize("path", ["/calls", "/calls/x", "/calls/x/audit"])
async def test_calls_need_their_scope(browser: Browser, path: str):
    await browser.sign_in_with(["campaigns:read", "suppressions:read"])
    assert "lacks the scope calls:read" in await browser.page(HOME + path, 403)


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/calls/{}/cancel", "calls:write"),
        ("/calls/{}/hangup", "calls:write"),
        ("/calls/{}/never", "suppressions:write"),
        ("/do-not-call", "suppressions:write"),
        ("/do-not-call/x/lift", "suppressions:write"),
        ("/campaigns/x/pause", "campaigns:write"),
        ("/campaigns/x/resume", "campaigns:write"),
    ],
)
async def test_what_the_key_may_not_do_is_refused(browser: Browser, path: str, scope: str):
    call_id = await browser.world.call()
    await browser.sign_in_with(["calls:read", "campaigns:read", "suppressions:read"])
    answer = await browser.send(HOME + path.format(call_id), 403)
    assert f"lacks the scope {scope}" in read(answer.text)
    assert browser.world.gateway.canceled == []


async def test_what_the_key_may_not_do_is_not_offered(browser: Browser):
    call_id = await browser.world.call()
    await browser.sign_in_with(["calls:read", "suppressions:read"])
    page = await browser.page(f"{HOME}/calls/{call_id}")
    assert "Cancel…" not in page
    assert "Never call again…" not in page
    assert "Put it on the list" not in await browser.page(f"{HOME}/do-not-call")


# -- headers


async def test_every_answer_has_the_headers_that_keep_others_out(browser: Browser):
    await browser.sign_in()
    call_id = await browser.world.call()
    for path in (*PAGES, f"/calls/{call_id}", f"/calls/{call_id}/audit", "/sign-in"):
        headers = (await browser.get(HOME + path)).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src 'self'; connect-src 'self'; img-src 'self'; media-src 'self'" in policy
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"


async def test_no_page_has_a_style_or_a_script_of_its_own(browser: Browser):
    await browser.sign_in()
    call_id = await browser.world.call()
    for path in (*PAGES, f"/calls/{call_id}", f"/calls/{call_id}/audit", "/calls/new"):
        answer = await browser.get(HOME + path)
        assert "sha256" not in answer.headers["content-security-policy"]
        assert "<style" not in answer.text
        assert " style=" not in answer.text
        assert (
            re.findall(
                r"<script(?! src=\"/dashboard/static/[a-z]+-[0-9a-f]{16}\.js\")", answer.text
            )
            == []
        )
        assert re.findall(r"\son[a-z]+=", answer.text) == []


async def test_refusals_that_no_page_gives_have_the_headers_too(browser: Browser):
    answer = await browser.http.put(HOME)
    assert answer.status_code == 405
    assert answer.headers["x-frame-options"] == "DENY"


async def test_the_api_keeps_its_own_headers(browser: Browser):
    assert "x-frame-options" not in (await browser.get("/healthz")).headers
    assert "x-frame-options" not in (await browser.get("/dashboards")).headers


async def test_static_files_may_be_kept_because_their_names_change_with_them(browser: Browser):
    html = await browser.html(SIGN_IN)
    path = html.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = await browser.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await browser.get(path.replace("dashboard-", "dashboard-0"))).status_code == 404


async def test_what_is_no_page_is_told_on_a_page(browser: Browser):
    await browser.sign_in()
    assert "There is no such page." in await browser.page(f"{HOME}/nothing", 404)
    assert "There is no such call." in await browser.page(f"{HOME}/calls/nobody", 404)


@pytest.mark.parametrize("path", ["", "/calls", "/calls/x"])
async def test_a_slash_too_many_is_forgiven(browser: Browser, path: str):
    await browser.sign_in()
    answer = await browser.get(f"{HOME}{path}/")
    assert (answer.status_code, answer.headers["location"]) == (303, HOME + path)


async def test_what_was_asked_for_stands_in_no_log(
    browser: Browser, logged: list[MutableMapping[str, Any]]
):
    for path in ("/+12125550123", "/calls/+12125550123/x", "/find?number=%2B12125550123", "/"):
        await browser.get(HOME + path)
    assert "5550" not in str(logged)
    assert {entry["route"] for entry in logged} == {"/dashboard/{rest}", "/dashboard/"}


async def test_a_database_that_is_away_is_told_on_a_page(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
):
    def away(*_: object) -> None:
        raise DatabaseBusy("busy")

    await browser.sign_in()
    monkeypatch.setattr(browser.world.db, "browse", away)
    assert "The database cannot be reached" in await browser.page(HOME, 503)


async def test_a_form_that_is_too_large_is_refused_on_a_page(browser: Browser):
    large = "x" * (MAX_BODY + 1)
    answer = await browser.send_raw(SIGN_IN, 413, token=large)
    assert f"The body is larger than {MAX_BODY} bytes." in read(answer.text)


def test_sessions_are_signed_with_the_secrets_of_the_deployment(settings: Settings):
    app = create_server(settings)
    assert app.state.signer == signer_of(settings)
    assert create_server(Settings()).state.signer != create_server(Settings()).state.signer
