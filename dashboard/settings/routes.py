"""/dashboard/settings and what lies under it."""

from fastapi import APIRouter

from dashboard.settings import account_routes, carrier_routes, key_routes, log_routes

router = APIRouter()
for part in (account_routes, key_routes, carrier_routes, log_routes):
    router.include_router(part.router)
