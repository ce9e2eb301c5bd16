"""Every page under /dashboard/webhooks; the list and the form first, whose names are no ids."""

from fastapi import APIRouter

from dashboard.webhooks import delivery_routes, form_routes, list_routes, webhook_routes

router = APIRouter()
for part in (list_routes, form_routes, webhook_routes, delivery_routes):
    router.include_router(part.router)
