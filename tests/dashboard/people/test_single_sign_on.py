"""Single sign-on against a provider on a real socket: who comes in, and what is not believed."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import jwt
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlmodel import select

from api.app import assemble
from api.people.oidc import Identity, Providers
from settings import Settings
from simulator.sign_on.provider import PATH, SignOn, sign_on_router
from simulator.sign_on.tokens import TokenSigner
from storage.accounts import single_sign_on
from storage.carriers.sealer import Sealer, new_key
from storage.carriers.secret_renewal import reseal
from storage.tables import Account, SingleSignOn
from tests.api.world import Json, World
from tests.dashboard.browser import HOME, SESSION, Browser, cookie, read
from tests.dashboard.people.entrance import ask, forget, invite, joined, path_of, sign_in
from tests.simulator.harness import serving

SIGN_ON = f"{HOME}/settings/single-sign-on"
CALLBACK = f"{HOME}/sign-in/callback"
DEPARTED = "__Host-trunkline-sign-on"
_SIGNER = TokenSigner()
_KEYS = new_key()
_NO_ALGORITHM = jwt.utils.base64url_encode(b'{"alg":"none"}').decode()


@dataclass
class Office:
    """An account's provider, and somebody in a browser who wants to come in by it."""

    provider: SignOn
    browser: Browser
    http: httpx2.AsyncClient
    set_as: Json

    async def set(self, **changes: Any) -> Json:
        body = {"issuer": self.provider.issuer, "clientId": "trunkline", **changes}
        self.set_as = await ask(self.browser, "PUT", "single-sign-on", body)
        return self.set_as

    async def leave(self, wanted: str = "") -> str:
        """Where the browser is sent to."""
        path = urlsplit(self.set_as["signInUrl"]).path + (f"?next={wanted}" if wanted else "")
        answer = await self.browser.get(path, sec_fetch_site="same-origin")
        assert answer.status_code == 303, read(answer.text)
        return str(answer.headers["location"])

    async def authorized(self, address: str, email: str, **form: str) -> str:
        """Where the provider sends them back to: the path and query of our callback."""
        assert (await self.http.get(address)).status_code == 200
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        typed = {"email": email, "name": "Ada Novak", "verified": "true", **form}
        answer = await self.http.post(address.partition("?")[0], data={**asked, **typed})
        parts = urlsplit(answer.headers["location"])
        return f"{parts.path}?{parts.query}"

    async def come(
        self, email: str = "ada@example.com", wanted: str = "", **form: str
    ) -> httpx2.Response:
        """All the way there and back."""
        return await self.browser.get(
            await self.authorized(await self.leave(wanted), email, **form)
        )


@pytest.fixture
async def office(
    application: FastAPI, world: World, settings: Settings, browser: Browser
) -> AsyncIterator[Office]:
    private = {"private_sign_on": True, "secret_keys": SecretStr(_KEYS)}
    services = assemble(settings.model_copy(update=private), world.db, world.gateway, world.clock)
    application.state.services = services
    app = FastAPI()
    async with serving(app) as root, httpx2.AsyncClient() as http:
        now = lambda: world.clock.now.timestamp()  # noqa: E731
        provider = SignOn(root + PATH, "of-the-client", now, signer=_SIGNER)
        app.include_router(sign_on_router(provider))
        found = Office(provider, browser, http, {})
        await found.set(clientSecret=provider.secret)
        yield found
    await services.outgoing.close()


async def refused(office: Office, answer: httpx2.Response, said: str) -> None:
    assert answer.status_code == 403, answer.text
    assert said in read(answer.text)
    assert SESSION not in office.browser.http.cookies


async def test_who_was_invited_comes_in_by_their_provider(office: Office):
    made = await invite(office.browser, "viewer")
    html = await office.browser.html(path_of(made))
    assert urlsplit(office.set_as["signInUrl"]).path in html
    answer = await office.come(wanted="/dashboard/calls")
    assert answer.headers["location"] == "/dashboard/calls"
    assert "person ada (viewer)" in await office.browser.page()
    person = await ask(office.browser, "GET", f"people/{made['memberId']}")
    assert (person["status"], person["signsInBy"]) == ("active", ["single_sign_on"])
    newest = (await ask(office.browser, "GET", "audit-log"))["entries"][0]
    assert (newest["action"], newest["actor"]) == ("join_account", "person ada")
    # The invitation is used up; the next time they are known by what the provider calls them.
    assert (await office.browser.get(path_of(made))).status_code == 404
    forget(office.browser)
    assert (await office.come()).status_code == 303


async def test_what_a_browser_takes_along_is_as_the_standards_ask(office: Office):
    answer = await office.browser.get(
        urlsplit(office.set_as["signInUrl"]).path, sec_fetch_site="none"
    )
    query = {
        name: values[0]
        for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()
    }
    assert query["response_type"] == "code"
    assert query["code_challenge_method"] == "S256"
    assert query["redirect_uri"] == "https://calls.example.com" + CALLBACK
    assert len({query["state"], query["nonce"], query["code_challenge"]}) == 3
    said = cookie(answer, DEPARTED)
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=600"):
        assert part in said
    assert not any(query[name] in said for name in ("state", "nonce", "code_challenge"))


async def test_nobody_comes_in_who_was_not_invited(office: Office):
    await refused(office, await office.come(), "You are not among this account's people.")
    assert (await ask(office.browser, "GET", "people"))["total"] == 0


async def test_a_domain_may_let_its_people_join(office: Office):
    await office.set(domain="example.com", domainRole="viewer")
    answer = await office.come("grace@example.com")
    assert answer.status_code == 303
    assert "person Ada Novak (viewer)" in await office.browser.page()
    forget(office.browser)
    for email in ("mallory@sub.example.com", "mallory@evil-example.com"):
        await refused(office, await office.come(email), "not among this account's people")


async def test_an_address_that_is_not_verified_opens_nothing(office: Office):
    await invite(office.browser)
    await refused(office, await office.come(verified="false"), "has been verified")


async def test_who_is_kept_out_stays_out(office: Office):
    await office.set(domain="example.com")
    made = await invite(office.browser)
    await office.come()
    await ask(office.browser, "POST", f"people/{made['memberId']}/disable")
    assert (await office.browser.get(HOME)).status_code == 303
    forget(office.browser)
    await refused(office, await office.come(), "not among this account's people")


async def test_another_subject_with_the_same_address_is_somebody_else(office: Office):
    await invite(office.browser)
    await office.come()
    forget(office.browser)
    office.provider.overrides["claims"] = {"sub": "another"}
    await refused(office, await office.come(), "knew somebody else by this address")


async def test_an_address_in_other_letters_is_nobody_elses(office: Office):
    await invite(office.browser, email="kim@example.com")
    await refused(office, await office.come("\N{KELVIN SIGN}im@example.com"), "has been verified")


async def test_a_name_that_no_database_takes_is_kept_without_what_is_wrong_with_it(office: Office):
    await office.set(domain="example.com")
    office.provider.overrides["claims"] = {"name": "Ada\0 No\ud800vak"}
    assert (await office.come()).status_code == 303
    assert "person Ada Novak (viewer)" in await office.browser.page()


@pytest.mark.parametrize("change", ["remove", "another issuer"])
async def test_a_provider_that_was_given_up_while_it_was_asked_lets_nobody_in(
    office: Office, monkeypatch: pytest.MonkeyPatch, change: str
):
    await invite(office.browser)
    asked = Providers.identity

    async def slowly(*said: Any) -> Identity:
        found = await asked(*said)
        if change == "remove":
            await ask(office.browser, "DELETE", "single-sign-on")
        else:
            await office.set(issuer="https://login.example.com")
        return found

    monkeypatch.setattr(Providers, "identity", slowly)
    await refused(office, await office.come(), "Single sign-on was changed meanwhile.")


def unsigned(token: str) -> str:
    return f"{_NO_ALGORITHM}.{token.split('.')[1]}."


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "another"},
        {"aud": ["trunkline", "another"]},
        {"azp": "another"},
        {"iss": "https://login.example.com"},
        {"exp": 1_000_000_000},
        {"iat": 1_000_000_000},
        {"iat": 5_000_000_000, "exp": 5_000_000_300},
        {"sub": ""},
        {"exp": "soon"},
        {"email": "ada"},
        {"sub": "a\0b"},
    ],
)
async def test_a_token_that_says_something_else_opens_nothing(office: Office, claims: Json):
    await invite(office.browser)
    office.provider.overrides["claims"] = claims
    answer = await office.come()
    assert answer.status_code == 403
    assert SESSION not in office.browser.http.cookies


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"alg": "ES256"},
                                    {"kid": "another"}, {"alg": None}])  # fmt: skip
async def test_a_token_that_is_signed_otherwise_opens_nothing(office: Office, header: Json):
    await invite(office.browser)
    office.provider.overrides["header"] = header
    answer = await office.come()
    assert answer.status_code == 403
    assert SESSION not in office.browser.http.cookies


async def test_a_token_signed_with_what_everybody_knows_opens_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    """The public key as the secret of an HMAC, and no signature at all."""
    await invite(office.browser)
    sign = _SIGNER.sign
    monkeypatch.setattr(
        office.provider, "signer", type("Forger", (), {
            "key_set": staticmethod(_SIGNER.key_set),
            "sign": staticmethod(lambda claims, **_: unsigned(sign(claims))),
        })())  # fmt: skip
    assert (await office.come()).status_code == 403
    monkeypatch.setattr(office.provider, "signer", TokenSigner())
    office.provider.signer.key_id = _SIGNER.key_id
    monkeypatch.setattr(office.provider.signer, "key_set", _SIGNER.key_set)
    assert (await office.come()).status_code == 403


async def test_a_key_that_was_changed_at_the_provider_is_asked_for_once_more(
    office: Office, application: FastAPI, monkeypatch: pytest.MonkeyPatch
):
    await invite(office.browser)
    await office.come()
    forget(office.browser)
    monkeypatch.setattr(office.provider, "signer", TokenSigner())
    monkeypatch.setattr("api.people.oidc._AGAIN", 0.0)
    assert (await office.come()).status_code == 303


async def test_a_way_back_that_was_not_begun_in_this_browser_leads_nowhere(office: Office):
    await invite(office.browser)
    address = await office.leave()
    back = await office.authorized(address, "ada@example.com")
    departed = office.browser.http.cookies[DEPARTED]
    forget(office.browser)
    await refused(office, await office.browser.get(back), "not begun in this browser")
    # Begun here, and come back with what another browser was given.
    await office.leave()
    await refused(office, await office.browser.get(back), "not begun in this browser")
    # Begun here, too long ago.
    forget(office.browser)
    office.browser.world.clock.pass_(minutes=10)
    answer = await office.browser.get(back, cookie=f"{DEPARTED}={departed}")
    await refused(office, answer, "not begun in this browser")


async def test_a_code_works_once(office: Office):
    await invite(office.browser)
    back = await office.authorized(await office.leave(), "ada@example.com")
    departed = office.browser.http.cookies[DEPARTED]
    assert (await office.browser.get(back)).status_code == 303
    forget(office.browser)
    again = await office.browser.get(back, cookie=f"{DEPARTED}={departed}")
    await refused(office, again, "did not answer as it should")


async def test_an_answer_that_names_another_issuer_or_none_is_not_believed(office: Office):
    await invite(office.browser)
    for change in ("&iss=https%3A%2F%2Flogin.example.com", ""):
        back = await office.authorized(await office.leave(), "ada@example.com")
        await refused(
            office,
            await office.browser.get(back.partition("&iss=")[0] + change),
            "cannot be trusted",
        )


async def test_a_provider_that_says_no_is_told_without_its_words(office: Office):
    state = parse_qs(urlsplit(await office.leave()).query)["state"][0]
    answer = await office.browser.get(f"{CALLBACK}?error=<b>words</b>&state={state}")
    await refused(office, answer, "Your provider did not let you in.")
    assert "words" not in answer.text


async def test_a_secret_that_is_wrong_lets_nobody_in(office: Office):
    await invite(office.browser)
    office.provider.secret = "another"
    await refused(office, await office.come(), "did not answer as it should")


async def test_a_provider_that_is_away_is_told(office: Office):
    await office.set(issuer="http://127.0.0.1:9/idp")
    answer = await office.browser.get(
        urlsplit(office.set_as["signInUrl"]).path, sec_fetch_site="same-origin"
    )
    await refused(office, answer, "Your provider cannot be reached.")


async def test_a_provider_within_our_network_is_not_asked_unless_the_operator_says_so(
    office: Office, application: FastAPI
):
    services = application.state.services
    strict = services.settings.model_copy(update={"private_sign_on": False})
    application.state.services = assemble(strict, services.db, services.calls, services.now)
    application.state.providers._documents.clear()
    answer = await office.browser.get(
        urlsplit(office.set_as["signInUrl"]).path, sec_fetch_site="same-origin"
    )
    await refused(office, answer, "Your provider cannot be reached.")
    await application.state.services.outgoing.close()
    application.state.services = services


@pytest.mark.parametrize("site", ["cross-site", "same-site", ""])
async def test_another_site_sends_nobody_to_a_provider_unasked(office: Office, site: str):
    """It could be a stranger's, who would have others work in the stranger's account."""
    await invite(office.browser)
    path = urlsplit(office.set_as["signInUrl"]).path
    answer = await office.browser.get(path, **({"sec_fetch_site": site} if site else {}))
    assert answer.status_code == 200
    assert "Sign in to default?" in read(answer.text)
    onward = answer.text.partition('class="button" href="')[2].partition('"')[0]
    followed = await office.browser.get(onward.replace("&amp;", "&"))
    assert followed.headers["location"].startswith(office.provider.issuer)
    forget(office.browser)
    assert (await office.browser.get(onward.replace("&amp;", "&"))).status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/dashboard/../x"])
async def test_the_way_back_leads_to_no_other_site(office: Office, elsewhere: str):
    await invite(office.browser)
    answer = await office.come(wanted=elsewhere)
    assert answer.headers["location"] == HOME


async def test_where_it_is_required_passwords_and_links_open_nothing(office: Office):
    await joined(office.browser)
    grace = await invite(office.browser, email="grace@example.com")
    await office.set(isRequired=True)
    forget(office.browser)
    assert (await sign_in(office.browser)).status_code == 401
    html = await office.browser.html(path_of(grace))
    assert 'name="password"' not in html
    door = await office.browser.html(f"{HOME}/sign-in")
    form = {"token": door.partition('name="token" value="')[2].partition('"')[0]}
    answer = await office.browser.http.post(
        path_of(grace), data={**form, "password": "quite other words"}
    )
    assert answer.status_code == 409
    assert (await office.come()).status_code == 303


async def test_the_last_admin_does_not_shut_the_door_behind_themselves(office: Office):
    await invite(office.browser, "admin")
    assert (await office.come()).status_code == 303
    [key] = (await ask(office.browser, "GET", "keys"))["keys"]
    await office.browser.send(f"{HOME}/settings/keys/{key['keyId']}/revoke")
    answer = await office.browser.send(f"{SIGN_ON}/remove", 409)
    assert "No admin could sign in after that" in read(answer.text)
    form = {"issuer": "https://login.example.com", "client_id": "trunkline"}
    answer = await office.browser.send(SIGN_ON, 422, **form)
    assert "No admin could sign in after that" in read(answer.text)
    # It could neither set a provider nor make a key that may.
    await office.browser.send(f"{HOME}/settings/keys", 200, name="few", scopes="keys:write")
    await office.browser.send(f"{SIGN_ON}/remove", 409)
    await office.browser.send(f"{HOME}/settings/keys", 200, name="spare", scopes="*")
    await office.browser.send(f"{SIGN_ON}/remove")
    assert "nothing now" in await office.browser.page(f"{HOME}/settings/people")


async def test_a_provider_of_another_account_lets_nobody_into_this_one(office: Office):
    """Though it vouches for their very address."""
    await invite(office.browser, "admin")
    world = office.browser.world
    async with world.db.write() as session:
        own = (await session.exec(select(Account))).one()
        other = Account(name="evil", created_time=world.clock.now)
        session.add(other)
        await session.flush()
        row = await single_sign_on.get(session, own.account_id)
        assert row is not None
        row.account_id = other.account_id
        session.add(row)
    await refused(office, await office.come(), "not among this account's people")


async def test_the_secret_is_sealed_shown_to_nobody_and_renewed(office: Office):
    world = office.browser.world
    text = (await world.http.get("/api/v1/single-sign-on")).text
    assert "of-the-client" not in text
    async with world.db.read() as session:
        row = (await session.exec(select(SingleSignOn))).one()
    assert row.sealed_secret is not None
    assert "of-the-client" not in row.sealed_secret
    newer = Sealer.of(f"{new_key()},{_KEYS}")
    assert await reseal(world.db, newer) == 1
    assert await reseal(world.db, newer) == 0
    async with world.db.read() as session:
        row = (await session.exec(select(SingleSignOn))).one()
    assert newer.open(row.sealed_secret or "", row.sign_on_id) == "of-the-client"


async def test_what_is_kept_of_a_secret_goes_with_another_issuer(office: Office):
    assert (await office.set())["hasSecret"] is True
    assert (await office.set(clientId="another"))["hasSecret"] is False
