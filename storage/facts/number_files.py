"""What agents demand to be known of numbers, with what is known of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.facts import Facts
from policy.model.number_checks import CheckAnswer, NumberFile
from storage.clearances import answers
from storage.tables import Agent, Call
from storage.tables.specs import endpoints_of, requirements


def number_file(agent: Agent, given: tuple[CheckAnswer, ...]) -> NumberFile:
    """What an agent demands to be known of a number, and what is known of it."""
    return NumberFile(requirements(agent.clearance_spec), given)


async def with_number_files(
    session: AsyncSession,
    account_id: str,
    agents_: Mapping[str, Agent],
    calls: Sequence[Call],
    gathered: dict[str, Facts],
) -> dict[str, Facts]:
    """Answers about numbers are read only for agents that demand any."""
    asking = [call for call in calls if agents_[call.agent_id].clearance_spec]
    if not asking:
        return gathered
    endpoints = {one for call in asking for one in endpoints_of(call.__dict__)}
    given = await answers.of_numbers(session, account_id, endpoints)
    for call in asking:
        agent, facts = agents_[call.agent_id], gathered[call.call_id]
        numbers = tuple(
            replace(one, number_file=number_file(agent, given.get(one.endpoint, ())))
            for one in facts.numbers
        )
        file = number_file(agent, given.get(call.endpoint, ()))
        gathered[call.call_id] = replace(facts, number_file=file, numbers=numbers)
    return gathered
