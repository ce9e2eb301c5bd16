"""A browser without scripts: it keeps cookies, reads pages and sends their forms."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx2
from sqlmodel import select

from storage.accounts import accounts
from storage.tables import Account, ApiKey
from tests.api.world import KEY, World

HOME = "/dashboard"
SESSION = "__Host-trunkline"
_TOKEN = re.compile(r'name="token" value="([^"]+)"')


@dataclass
class Browser:
    http: httpx2.AsyncClient
    world: World

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.get(path, headers=named)

    async def page(self, path: str = HOME, status: int = 200) -> str:
        """What people read on a page, without its tags."""
        answer = await self.get(path)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return read(answer.text)

    async def html(self, path: str = HOME) -> str:
        return str((await self.get(path)).text)

    async def token(self) -> str:
        found = _TOKEN.search(await self.html(HOME))
        assert found is not None
        return found[1]

    async def send(self, path: str, status: int = 303, **form: str) -> httpx2.Response:
        """A form of a page we are on."""
        return await self.send_raw(path, status, token=await self.token(), **form)

    async def send_raw(self, path: str, status: int, **form: str) -> httpx2.Response:
        answer = await self.http.post(path, data=form)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return answer

    async def follow(self, answer: httpx2.Response) -> str:
        return await self.page(answer.headers["location"])

    async def sign_in(self, key: str = KEY, status: int = 303, **form: str) -> httpx2.Response:
        found = _TOKEN.search(await self.html(f"{HOME}/sign-in"))
        assert found is not None, "there is no sign-in form"
        fields = {"token": found[1], "key": key, **form}
        return await self.send_raw(f"{HOME}/sign-in", status, **fields)

    async def sign_in_with(self, scopes: Sequence[str]) -> ApiKey:
        """As somebody whose key has these scopes only."""
        async with self.world.db.write() as session:
            account = (await session.exec(select(Account))).one()
            now = self.world.clock.now
            row, key = await accounts.new_key(session, account.account_id, "few", scopes, now)
        await self.sign_in(key)
        return row


def read(html: str) -> str:
    """Without tags and with single spaces."""
    body = html.partition("<body>")[2] or html
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", body))).strip()


def cookie(answer: httpx2.Response, name: str) -> str:
    """The header that sets a cookie."""
    headers: list[Any] = answer.headers.get_list("set-cookie")
    [found] = [str(one) for one in headers if str(one).startswith(f"{name}=")]
    return found
