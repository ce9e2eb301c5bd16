"""Every page under /dashboard/calls; the lists first, whose names are no ids of calls."""

from fastapi import APIRouter

from dashboard.calls import call_routes, list_routes, new_routes, reschedule_routes

router = APIRouter()
for part in (list_routes, new_routes, reschedule_routes, call_routes):
    router.include_router(part.router)
