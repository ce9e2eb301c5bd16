"""People at the door of the dashboard: invited, signing in, coming back from their provider."""

import re
from http.cookiejar import Cookie
from typing import Any

import httpx2

from tests.api.world import Json
from tests.dashboard.browser import HOME, Browser

SIGN_IN = f"{HOME}/sign-in"
PASSWORD = "some words in a row"
_TOKEN = re.compile(r'name="token" value="([^"]+)"')


async def invite(browser: Browser, role: str = "operator", email: str = "ada@example.com") -> Json:
    """By the bootstrap key, over the API."""
    return await browser.world.post(
        "/api/v1/people", {"email": email, "role": role, "name": email.partition("@")[0]}
    )


def path_of(made: Json) -> str:
    return str(made["link"].removeprefix("https://calls.example.com"))


async def submit(browser: Browser, path: str, form_at: str, **form: str) -> httpx2.Response:
    """A form of a page that strangers see."""
    found = _TOKEN.search(await browser.html(form_at))
    assert found is not None, "there is no form"
    return await browser.http.post(path, data={"token": found[1], **form})


async def join(browser: Browser, made: Json, password: str = PASSWORD) -> httpx2.Response:
    """They choose a password, and are in."""
    answer = await submit(browser, path_of(made), path_of(made), password=password)
    assert answer.status_code == 303, answer.text
    return answer


async def joined(browser: Browser, role: str = "operator", email: str = "ada@example.com") -> Json:
    """Somebody who has signed in with a password of their own."""
    made = await invite(browser, role, email)
    await join(browser, made)
    return made


async def sign_in(
    browser: Browser, email: str = "ada@example.com", password: str = PASSWORD, **more: str
) -> httpx2.Response:
    return await submit(browser, SIGN_IN, SIGN_IN, email=email, password=password, **more)


async def ask(browser: Browser, method: str, path: str, body: Any = None) -> Json:
    """By the bootstrap key."""
    answer = await browser.world.http.request(method, f"/api/v1/{path}", json=body)
    assert answer.status_code < 300, answer.text
    return dict(answer.json()) if answer.content else {}


def cookies_of(browser: Browser) -> list[Cookie]:
    return list(browser.http.cookies.jar)


def become(browser: Browser, cookies: list[Cookie]) -> None:
    """Whoever has these cookies comes."""
    forget(browser)
    for one in cookies:
        browser.http.cookies.jar.set_cookie(one)


def forget(browser: Browser) -> None:
    """As another browser would come."""
    browser.http.cookies.clear()
