"""What came of a run: the figures, as text and as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from cli.chaos.strikes import Struck
from cli.chaos.verdict import Verdict


@dataclass(frozen=True)
class Report:
    """One run. `struck` in the order of the blows; `wrong_answers`: neither done nor refused."""

    calls: int
    kills: int
    seed: int
    database: str
    seconds: float
    verdict: Verdict
    struck: Sequence[Struck]
    refusals: int
    wrong_answers: Sequence[str]

    @property
    def command(self) -> str:
        """What repeats it."""
        flag = " --postgres" if self.database == "PostgreSQL" else ""
        return f"trunkline chaos --calls {self.calls} --kills {self.kills} --seed {self.seed}{flag}"

    def broken(self) -> list[str]:
        """Each promise that was not kept; empty when all were."""
        never = [one.blow.name for one in self.struck if one.recovered is None]
        found = self.verdict.broken()
        if never:
            found.append(f"{len(never)} blows were never recovered from: {', '.join(never)}")
        if self.wrong_answers:
            found.append(
                f"{len(self.wrong_answers)} requests were answered with neither yes nor a clear "
                f"no: {self.wrong_answers[0]}"
            )
        return found

    def figures(self) -> list[tuple[str, str]]:
        """What the run is judged by, with its name."""
        told = self.verdict
        return [
            ("accepted", str(told.accepted)),
            ("ended", str(told.ended)),
            ("lost", str(len(told.lost))),
            ("dialed twice", str(len(told.dialed_twice))),
            ("made twice", str(len(told.submitted_twice))),
            ("legs at the carrier", str(told.legs)),
            ("of these in no attempt", str(len(told.unrecorded_legs))),
            ("attempts unknown for a while", str(told.unknown_met)),
            ("found again", str(told.unknown_found)),
            ("given up, not dialed again", str(told.unknown_parked)),
            ("blows", f"{sum(one.landed for one in self.struck)} of {self.kills}"),
            ("requests that were refused and sent again", str(self.refusals)),
            ("seconds", f"{self.seconds:.0f}"),
        ]

    def recoveries(self) -> list[tuple[str, int, float, float]]:
        """Kind of blow, how many, seconds to recover: the middle one and the longest."""
        times: dict[str, list[float]] = {}
        for one in filter(lambda one: one.landed, self.struck):
            times.setdefault(one.blow.name, []).append(
                float("inf") if one.recovered is None else one.recovered
            )
        return [(name, len(all_), median(all_), max(all_)) for name, all_ in sorted(times.items())]

    def as_json(self) -> dict[str, Any]:
        """The same for programs; a recovery that never came is null."""
        told = self.verdict
        return {
            "command": self.command,
            "database": self.database,
            "seconds": round(self.seconds, 1),
            "calls": {
                "accepted": told.accepted,
                "ended": told.ended,
                "lost": told.lost,
                "dialedTwice": told.dialed_twice,
                "madeTwice": told.submitted_twice,
                "outcomes": told.outcomes,
            },
            "legs": {"made": told.legs, "unrecorded": told.unrecorded_legs},
            "unknown": {
                "met": told.unknown_met,
                "found": told.unknown_found,
                "parked": told.unknown_parked,
            },
            "requests": {"refused": self.refusals, "wrongAnswers": list(self.wrong_answers)},
            "blows": [
                {
                    "part": one.blow.part,
                    "kind": one.blow.kind,
                    "seconds": one.blow.seconds,
                    "recoveredSeconds": one.recovered,
                    "landed": one.landed,
                }
                for one in self.struck
            ],
            "broken": self.broken(),
        }

    def as_text(self) -> str:
        """The same for people."""
        lines = [self.command, f"on {self.database}", ""]
        lines += [f"{name:<44}{value:>10}" for name, value in self.figures()]
        lines += ["", f"{'recovered, in seconds':<32}{'times':>6}{'median':>8}{'longest':>8}"]
        lines += [
            f"{name:<32}{count:>6}{middle:>8.1f}{longest:>8.1f}"
            for name, count, middle, longest in self.recoveries()
        ]
        outcomes = ", ".join(f"{n} {name}" for name, n in self.verdict.outcomes.items())
        lines += ["", f"outcomes: {outcomes}", ""]
        broken = self.broken()
        lines += [f"BROKEN: {one}" for one in broken] or ["Every promise was kept."]
        return "\n".join(lines) + "\n"
