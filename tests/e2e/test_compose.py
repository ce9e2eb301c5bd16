"""What docker-compose.yml runs is run: its commands, settings, secrets and health checks."""

import subprocess
import sys


def test_what_compose_runs_places_a_call_and_ends_well():
    done = subprocess.run(
        [sys.executable, "-m", "tools.compose_smoke"], capture_output=True, text=True, timeout=300
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "confirmed" in done.stdout
