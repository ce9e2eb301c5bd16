"""The facts of a call at each number of a person who has several."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from policy.caller_ids import pool
from policy.compliance.caller_id_choice import suiting
from policy.facts import Facts, NumberFacts
from policy.location.number_forms import person_key
from policy.model.call import EndpointKind
from policy.model.number_checks import NumberFile
from policy.model.person import Person
from storage.tables import Agent, JsonObject
from storage.tables.specs import place_in, stated_consent, weekly_from_days_spec


def at_numbers(
    facts: Facts,
    row: Mapping[str, Any],
    agent: Agent,
    people: Sequence[Person],
    files: Mapping[str, NumberFile],
    now: datetime,
) -> Facts:
    """The facts with all numbers of the call, by its columns, about the one that is its own.

    `people`: the person at each of the numbers, in their order.
    """
    entries: Sequence[JsonObject] = row["numbers_spec"]
    numbers = tuple(
        _number(entry, person, files.get(entry["endpoint"]))
        for entry, person in zip(entries, people, strict=True)
    )
    facts = replace(facts, numbers=numbers)
    shown = (
        _caller_id(facts.at(place), row, entry, agent, now) for place, entry in enumerate(entries)
    )
    numbers = tuple(
        replace(number, caller_ids=(caller_id,))
        for number, caller_id in zip(numbers, shown, strict=True)
    )
    return replace(facts, numbers=numbers).at(place_in(entries, row["endpoint"]))


def _number(entry: JsonObject, person: Person, file: NumberFile | None) -> NumberFacts:
    recipient = entry.get("recipient") or {}
    return NumberFacts(
        endpoint=entry["endpoint"],
        endpoint_kind=EndpointKind(entry["kind"]),
        recipient_zone=recipient.get("timezone"),
        recipient_country=recipient.get("country"),
        recipient_postal_code=recipient.get("postalCode"),
        number_hours=weekly_from_days_spec(entry.get("hours")),
        stated_consent=stated_consent(entry.get("consent")),
        person=person,
        number_file=file,
    )


def _caller_id(
    facts: Facts, row: Mapping[str, Any], entry: JsonObject, agent: Agent, now: datetime
) -> str:
    """What this number is shown: the one that was asked for, else one that is near to it.

    The number that the call is at keeps what it has: that may have moved while it waits. One that
    was asked for of another agent, as in a campaign's next step, or is barred since, is left out.
    """
    if person_key(entry["endpoint"]) == person_key(row["endpoint"]):
        return str(row["caller_id"])
    asked = entry.get("callerId")
    if not agent.caller_ids:
        return str(asked or row["caller_id"])
    if asked in agent.caller_ids and not pool.is_barred(agent.caller_id_marks, asked):
        return str(asked)
    chosen = pool.chosen(agent.caller_ids, agent.caller_id_marks, facts.endpoint)
    if not facts.book.has_range_of(agent.caller_ids):
        return chosen
    suits = suiting(replace(facts, caller_ids=tuple(agent.caller_ids)), now)
    if chosen in suits or not suits:
        return chosen
    return pool.chosen(suits, agent.caller_id_marks, facts.endpoint)
