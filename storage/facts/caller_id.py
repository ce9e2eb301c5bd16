"""The caller ID of a new call, where a place prescribes the range it has to be of."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from policy.caller_ids import pool
from policy.compliance.caller_id_choice import suiting
from policy.facts import Facts
from storage.facts.gather import own_facts
from storage.tables import Agent


def caller_id_of(row: Mapping[str, Any], agent: Agent, known: Facts, now: datetime) -> str:
    """For a call that names none itself: as it stands in `row`, or one of the range.

    `known`: the facts of all such calls. An agent without a number of any range costs nothing.
    """
    chosen: str = row["caller_id"]
    if not known.book.has_range_of(agent.caller_ids):
        return chosen
    facts = replace(known, **{**own_facts(row), "caller_ids": tuple(agent.caller_ids)})
    suits = suiting(facts, now)
    if chosen in suits:
        return chosen
    return pool.chosen(suits, agent.caller_id_marks, row["endpoint"])
