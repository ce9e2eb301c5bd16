"""/dashboard/campaigns: all pages of campaigns."""

from fastapi import APIRouter

from dashboard.campaigns import (
    add_routes,
    campaign_routes,
    contact_routes,
    draft_routes,
    list_routes,
    new_routes,
    redial_routes,
    settings_routes,
)

router = APIRouter()
# "new" before what takes it for the id of a campaign.
for part in (
    list_routes,
    new_routes,
    add_routes,
    settings_routes,
    redial_routes,
    contact_routes,
    draft_routes,
    campaign_routes,
):
    router.include_router(part.router)
