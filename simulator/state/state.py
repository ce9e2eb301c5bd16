"""All that survives a restart. Every change is one journal entry, applied the same way live
and on replay, so that a rebuilt simulator cannot differ from the one that was killed."""

import secrets
from collections import Counter
from typing import Any

from simulator.state.accounts import SimulatedAccount
from simulator.state.clock import Clock
from simulator.state.faults import Faults
from simulator.state.journal import Entry, Journal
from simulator.state.ledger import CallRecord, Ledger, Params, record_from_json
from simulator.state.lines import Line
from simulator.state.scripts import (
    Script,
    ScriptEntry,
    default_script,
    entry_for,
    script_from_json,
    to_json,
)


class State:
    """Ledger, scripts, faults and speed, written through a journal."""

    def __init__(self, clock: Clock, journal: Journal) -> None:
        self.clock = clock
        self._journal = journal
        self._clear()

    def _clear(self) -> None:
        self.ledger = Ledger()
        self.scripts: dict[str, Script] = {}
        self.faults = Faults()
        self.accounts: dict[str, SimulatedAccount] = {}
        self.attempts: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()
        #: What is said of numbers, and every question about one.
        self.lines: dict[str, Line] = {}
        self.lookups: list[dict[str, Any]] = []
        self.lookups_of: Counter[str] = Counter()

    def load(self) -> None:
        """Rebuild everything from the journal."""
        for entry in self._journal.load():
            self._apply(entry)

    def close(self) -> None:
        """Release the journal's file."""
        self._journal.close()

    def script_of(self, number: str) -> Script:
        """The script at work for a number, its own or the table's."""
        return self.scripts.get(number) or default_script(number)

    def next_entry(self, number: str) -> ScriptEntry:
        """What the number's next attempt meets."""
        return entry_for(self.script_of(number), self.attempts[number])

    def create_call(self, to: str, from_: str, params: Params, *, parent: str = "") -> CallRecord:
        """Enter a new call, journaled when this returns; `parent`: the leg that dials it."""
        record = CallRecord(
            sid="CA" + secrets.token_hex(16),
            to=to,
            from_=from_,
            params=params,
            entry=self.next_entry(to),
            attempt=self.attempts[to],
            ordinal=len(self.ledger.calls),
            created_at=self.clock.wall(),
            parent=parent,
        )
        self._commit("created", call=record.to_json())
        return self.ledger.by_sid[record.sid]

    def refuse(self, number: str, *, attempted: bool) -> None:
        """Count a create request that made no call; `attempted` uses up a script entry."""
        self._commit("refused", number=number, attempted=attempted)

    def change(self, record: CallRecord, **changes: Any) -> None:
        """Set fields of a call."""
        self._commit("changed", sid=record.sid, changes=changes)

    def add(self, record: CallRecord, name: str, value: Any) -> None:
        """Append to one of a call's lists."""
        self._commit("added", sid=record.sid, list=name, value=value)

    def delete_recording(self, record: CallRecord, sid: str) -> None:
        """Forget a recording and its sound."""
        self._commit("recording_deleted", sid=record.sid, recording=sid)

    def put_script(self, number: str, script: Script) -> None:
        """Script a number from its first entry on; an empty script gives the default back."""
        self._commit("script", number=number, script=[to_json(entry) for entry in script])

    def put_faults(self, faults: Faults) -> None:
        """Replace all faults; the draws start afresh."""
        self._commit("faults", faults=faults.model_dump(by_alias=True))

    def put_account(self, sid: str, account: SimulatedAccount) -> None:
        """What an account is, with all of its numbers."""
        self._commit("account", sid=sid, account=account.model_dump(by_alias=True))

    def put_line(self, number: str, line: Line) -> None:
        """What questions about a number are answered with from now on."""
        self._commit("line", number=number, line=line.model_dump(by_alias=True))

    def look_up(self, number: str, fields: str, since: str, answered: bool) -> None:
        """Enter a question about a number; one that is `answered` is paid for."""
        self._commit("looked_up", number=number, fields=fields, since=since, answered=answered)

    def put_speed(self, speed: float) -> None:
        """Change the clock's speed."""
        self._commit("clock", speed=speed)

    def reset(self) -> None:
        """Forget scripts, faults and ledger; the speed stays."""
        self._journal.clear()
        self._clear()
        self.put_speed(self.clock.speed)

    def _commit(self, kind: str, **data: Any) -> None:
        entry = {"kind": kind, **data}
        self._apply(entry)
        self._journal.append(entry)

    def _apply(self, entry: Entry) -> None:
        getattr(self, f"_on_{entry['kind']}")(entry)

    def _on_created(self, entry: Entry) -> None:
        record = record_from_json(entry["call"])
        self.ledger.add(record)
        self.attempts[record.to] += 1
        self.requests[record.to] += 1

    def _on_refused(self, entry: Entry) -> None:
        self.requests[entry["number"]] += 1
        self.attempts[entry["number"]] += entry["attempted"]

    def _on_changed(self, entry: Entry) -> None:
        record = self.ledger.by_sid[entry["sid"]]
        for name, value in entry["changes"].items():
            setattr(record, name, value)

    def _on_added(self, entry: Entry) -> None:
        record = self.ledger.by_sid[entry["sid"]]
        getattr(record, entry["list"]).append(entry["value"])
        if entry["list"] == "recordings":
            self.ledger.index_recording(record, entry["value"])

    def _on_recording_deleted(self, entry: Entry) -> None:
        record = self.ledger.by_sid[entry["sid"]]
        record.recordings = [r for r in record.recordings if r["sid"] != entry["recording"]]
        self.ledger.recordings.pop(entry["recording"], None)

    def _on_script(self, entry: Entry) -> None:
        number = entry["number"]
        self.scripts[number] = script_from_json(entry["script"])
        self.attempts[number] = 0

    def _on_faults(self, entry: Entry) -> None:
        self.faults = Faults.model_validate(entry["faults"])
        self.requests.clear()

    def _on_account(self, entry: Entry) -> None:
        self.accounts[entry["sid"]] = SimulatedAccount.model_validate(entry["account"])

    def _on_line(self, entry: Entry) -> None:
        self.lines[entry["number"]] = Line.model_validate(entry["line"])

    def _on_looked_up(self, entry: Entry) -> None:
        self.lookups.append({name: entry[name] for name in entry if name != "kind"})
        self.lookups_of[entry["number"]] += 1

    def _on_clock(self, entry: Entry) -> None:
        self.clock.set_speed(entry["speed"])
