"""/dashboard/agents: all pages of agents."""

from fastapi import APIRouter

from dashboard.agents import agent_routes, edit_routes, list_routes

router = APIRouter()
# "new" before what takes it for the id of an agent.
for part in (list_routes, edit_routes, agent_routes):
    router.include_router(part.router)
