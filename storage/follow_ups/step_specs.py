"""Steps as they are kept with a campaign, and as policy takes them."""

from policy.campaigns.steps import BEGIN, Step, StepKind, Steps
from storage.tables import JsonObject
from storage.tables.specs import duration


def steps_of(spec: JsonObject) -> Steps:
    """`{"next": {…}, "steps": {name: {"kind", "next"?, …}}}`."""
    begin = Step(StepKind.CALL, dict(spec.get("next") or {}))
    return {BEGIN: begin, **{name: _step(one) for name, one in spec["steps"].items()}}


def _step(spec: JsonObject) -> Step:
    kind = StepKind(spec["kind"])
    extra = {} if kind is not StepKind.WAIT else {"wait": duration(spec["wait"])}
    return Step(
        kind,
        dict(spec.get("next") or {}),
        text=spec.get("text") or "",
        consent=spec.get("consent"),
        agent_id=spec.get("agentId"),
        pathway_id=spec.get("pathwayId"),
        **extra,
    )
