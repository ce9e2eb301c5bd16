"""/dashboard/pathways: all pages of pathways."""

from fastapi import APIRouter

from dashboard.pathways import edit_routes, list_routes, pathway_routes, rehearsal_routes

router = APIRouter()
# "new", "check" and "rehearsal" before what takes them for the id of a pathway.
for part in (list_routes, edit_routes, rehearsal_routes, pathway_routes):
    router.include_router(part.router)
