"""`trunkline chaos` itself: a hundred calls, a few blows, every promise kept."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e


def test_a_hundred_calls_survive_what_is_done_to_the_stack(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "cli.main", "chaos", "--calls", "100", "--kills", "6"),
            *("--seed", "11", "--data-dir", str(tmp_path / "data"), "--json"),
            *("--page", str(page)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["broken"] == []
    assert (report["calls"]["accepted"], report["calls"]["ended"]) == (100, 100)
    assert report["calls"]["lost"] == report["calls"]["dialedTwice"] == []
    assert len(report["blows"]) == 6
    assert "Every promise was kept." in page.read_text()
