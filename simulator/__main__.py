"""`python -m simulator`: serve one simulated account until interrupted."""

import argparse
import gc
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from simulator.app import create_app
from simulator.config import DEFAULT_ACCOUNT_SID, DEFAULT_AUTH_TOKEN, SimulatorConfig


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line; `--help` shows it."""
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8010)
    parser.add_argument("--account-sid", default=DEFAULT_ACCOUNT_SID)
    parser.add_argument("--auth-token", default=DEFAULT_AUTH_TOKEN)
    parser.add_argument("--state", type=Path, help="journal file; without it, memory only")
    parser.add_argument("--speed", type=float, default=1.0, help="simulated seconds per second")
    parser.add_argument("--cps", type=float, default=1000.0, help="calls dialed per second")
    parser.add_argument("--base-url", help="root of recording URLs; default is this server")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the server; prints nothing but warnings."""
    args = parse_args(argv)
    config = SimulatorConfig(
        account_sid=args.account_sid,
        auth_token=args.auth_token,
        speed=args.speed,
        cps=args.cps,
        state=args.state,
        base_url=(args.base_url or f"http://{args.host}:{args.port}").rstrip("/"),
    )
    app = create_app(config)
    _spare_the_collector()
    uvicorn.run(
        app,
        host=args.host,
        port=args.port,
        log_level="warning",
        access_log=False,
        # A `hang` fault must not hold up a shutdown.
        timeout_graceful_shutdown=1,
    )
    return 0


def _spare_the_collector() -> None:
    """Calls are kept for good and hold no cycles: looking for garbage finds next to nothing."""
    gc.freeze()
    gc.set_threshold(20_000)


if __name__ == "__main__":
    sys.exit(main())
