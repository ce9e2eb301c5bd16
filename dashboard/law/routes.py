"""Every page about what the law asks of the account, and about what changes."""

from fastapi import APIRouter

from dashboard.law import coming_routes, prerequisite_routes

router = APIRouter()
for part in (prerequisite_routes, coming_routes):
    router.include_router(part.router)
