"""Every page under /dashboard. None of them is part of the API's description."""

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from api.http.body_limits import MAX_BODY
from api.http.problems import not_found
from api.people.oidc import Providers
from dashboard import reference, static_files
from dashboard.agents import routes as agents
from dashboard.calls import routes as calls
from dashboard.campaigns import routes as campaigns
from dashboard.compliance import routes as compliance
from dashboard.events import routes as events
from dashboard.events.news import Newsroom
from dashboard.follow_ups import routes as follow_ups
from dashboard.headers import PREFIX, PageHeaders
from dashboard.law import routes as law
from dashboard.overview import routes as overview
from dashboard.pathways import routes as pathways
from dashboard.people import routes as people
from dashboard.promises import routes as promises
from dashboard.session import routes as session
from dashboard.session.session import SignedIn, page_of_ours
from dashboard.session.signature import signer_of
from dashboard.settings import routes as settings_pages
from dashboard.splits import routes as splits
from dashboard.transfers import routes as transfers
from dashboard.webhooks import routes as webhooks
from settings import Settings

router = APIRouter(include_in_schema=False)
for part in (
    # Promises first: their name is no id of a call.
    *(static_files, session, events, overview, promises, calls, campaigns, splits, follow_ups),
    # Transfers before pathways, for the same reason.
    *(agents, transfers, pathways, law, compliance, webhooks, settings_pages, people),
):
    router.include_router(part.router, prefix=PREFIX)
_others = APIRouter(route_class=SignedIn)


@_others.get("/{rest:path}")
async def no_such_page(request: Request) -> Response:
    """What is no page is told on one; a slash too many is forgiven."""
    without_slash = request.url.path.rstrip("/")
    if without_slash != request.url.path:
        return RedirectResponse(page_of_ours(without_slash), 303)
    raise not_found("page")


router.include_router(_others, prefix=PREFIX)


def install(app: FastAPI, settings: Settings) -> None:
    """Puts the dashboard on top of the API."""
    app.state.signer = signer_of(settings)
    app.state.providers = Providers(lambda: app.state.services.outgoing)
    app.state.newsroom = Newsroom(lambda: app.state.services.db)
    app.include_router(router, max_body_size=MAX_BODY)
    app.include_router(reference.router, include_in_schema=False, max_body_size=MAX_BODY)
    app.add_middleware(PageHeaders)
