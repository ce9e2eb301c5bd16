"""A pathway rehearsed: walked as somebody who is called would, without a call."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from api.accounts.rehearsal_schemas import QuestionView, RehearsalRequest, RehearsalView, TurnView
from api.http.deps import Services
from api.http.json_body import MAX_CALL_BODY, storable_text
from api.http.problems import invalid, refused
from api.http.schema import JsonObject
from policy.compliance.disclosures import Identity, told_to_machine
from policy.model.call import VoicemailAction
from policy.model.purposes import Notice
from policy.model.template import variables_of
from policy.pathways.callee_steps import CalleeStep, StepKind, read_steps
from policy.pathways.pathway import check_pathway, missing_variables, render_text
from storage.accounts import agents
from storage.facts.disclosures import identity_of
from storage.tables import Agent
from storage.tables.specs import voicemail_action
from storage.transfers import targets
from telephony.twiml.rehearsal import Question, Rehearsal, Stage, Turn, WarmWords, rehearse
from telephony.twiml.transfers import WAITING_TEXT


async def rehearsal_of(
    uses: Services, account_id: str, kind: str, definition: JsonObject, asked: RehearsalRequest
) -> RehearsalView:
    """Walks the pathway; raises a Problem for one that could not be saved, and for a bad step."""
    findings = check_pathway(kind, definition)
    if findings:
        raise refused(findings)
    steps = _steps(asked.steps)
    _bounded(asked.context)
    agent = await _agent(uses, account_id, asked.agent_id)
    warm = await _warm_words(uses, account_id, definition, asked.context)
    stage = replace(_stage(kind, definition, asked, agent), warm=warm)
    return _view(stage, rehearse(stage, steps))


def _steps(texts: list[str]) -> list[CalleeStep]:
    steps, wrong = read_steps(texts)
    if wrong:
        raise refused(wrong)
    return steps


def _bounded(context: JsonObject) -> None:
    try:
        size = len(storable_text(context))
    except (ValueError, RecursionError):
        raise invalid("invalid_json", "context", "This cannot be stored with a call.") from None
    if size > MAX_CALL_BODY:
        raise invalid("body_too_large", "context", "The context is larger than 64 KiB.")


async def _agent(uses: Services, account_id: str, agent_id: str | None) -> Agent | None:
    if agent_id is None:
        return None
    async with uses.db.read() as session:
        agent = await agents.get(session, account_id, agent_id)
    if agent is None:
        raise invalid("unknown_agent", "agentId", "There is no such agent.")
    return agent


async def _warm_words(
    uses: Services, account_id: str, definition: JsonObject, context: JsonObject
) -> dict[str, WarmWords]:
    """Of the warm targets that the script's nodes name."""
    nodes = (definition.get("nodes") or {}).values()
    names = {node["target"] for node in nodes if node.get("target")}
    async with uses.db.read() as session:
        found = [await targets.named(session, account_id, name) for name in names]
    return {
        one.name: WarmWords(
            render_text(one.hold_text or WAITING_TEXT, context),
            render_text(one.introduction or "", context),
        )
        for one in found
        if one is not None and one.warm
    }


def _stage(
    kind: str, definition: JsonObject, asked: RehearsalRequest, agent: Agent | None
) -> Stage:
    identity = identity_of(agent) if agent else Identity()
    spec = (agent.voicemail_spec if agent else None) or {}
    notices = tuple(notice for notice in Notice if notice in asked.notices)
    leaves = voicemail_action(spec) is VoicemailAction.LEAVE_MESSAGE
    text = render_text(spec.get("message") or "", asked.context) if leaves else ""
    return Stage(
        kind,
        definition,
        asked.context,
        identity,
        notices,
        detects_machines=bool(spec.get("action")),
        message=told_to_machine(text, notices, identity),
    )


def _view(stage: Stage, found: Rehearsal) -> RehearsalView:
    question = found.turns[-1].question
    return RehearsalView(
        turns=[_turn(stage, turn) for turn in found.turns],
        question=_question(stage, question) if question else None,
        ending=found.ending,
        outcome=found.outcome,
        missing_variables=list(missing_variables(stage.definition, stage.context)),
        unused_steps=[_text(step) for step in found.unused],
    )


def _turn(stage: Stage, turn: Turn) -> TurnView:
    nodes: Mapping[str, JsonObject] = stage.definition.get("nodes") or {}
    texts = [nodes[name].get("text") or "" for name in turn.nodes]
    return TurnView(
        step=_text(turn.step) if turn.step else None,
        heard_as=turn.heard_as,
        heard=turn.heard,
        nodes=list(turn.nodes),
        said=turn.said,
        values=_values(texts, stage.context) if turn.said else {},
        transferred_to=turn.transferred_to,
        connected_to=turn.connected_to,
        outcome=turn.outcome,
    )


def _values(texts: Iterable[str], context: Mapping[str, object]) -> dict[str, str]:
    names = sorted({name for text in texts for name in variables_of(text)})
    return {name: render_text(f"{{{{{name}}}}}", context) for name in names}


def _question(stage: Stage, question: Question) -> QuestionView:
    branches = stage.definition["nodes"][question.node]["branches"]
    return QuestionView(
        node=question.node,
        listens_for=list(question.inputs),
        keys=[branch["digits"] for branch in branches if "digits" in branch],
        phrases=[phrase for branch in branches for phrase in branch.get("speech", ())],
        timeout=question.timeout,
    )


def _text(step: CalleeStep) -> str:
    """The step as it was said."""
    if step.kind is StepKind.SPEECH:
        return f"say:{step.text}"
    return step.text or step.kind.value
