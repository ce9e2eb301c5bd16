"""`trunkline carrier`: the simulated carrier alone."""

from pathlib import Path
from typing import Annotated

import typer

from cli.configured import configured
from cli.dev_stack.ports import claim_named
from cli.dev_stack.processes import carrier_command
from cli.errors import Unusable
from cli.options import Host, Speed
from cli.program import become

app = typer.Typer(add_completion=False)


@app.command()
def carrier(
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8010,
    state: Annotated[Path | None, typer.Option(help="Journal; without it, memory only.")] = None,
    speed: Speed = 1.0,
) -> None:
    """Run the simulated carrier alone; its customer is the account of TRUNKLINE_TWILIO_*."""
    settings = configured()
    token = settings.twilio_auth_token.get_secret_value()
    if not settings.twilio_account_sid or not token:
        raise Unusable("Set TRUNKLINE_TWILIO_ACCOUNT_SID and TRUNKLINE_TWILIO_AUTH_TOKEN first.")
    claim_named(host, port, "--port").close()
    account = {"account_sid": settings.twilio_account_sid, "auth_token": token}
    become(carrier_command(host, port, **account, state=state, speed=speed))
