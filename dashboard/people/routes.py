"""The account's people, their single sign-on, and oneself."""

from fastapi import APIRouter

from dashboard.people import me_routes, people_routes, sign_on_routes

router = APIRouter()
for part in (people_routes, sign_on_routes, me_routes):
    router.include_router(part.router)
