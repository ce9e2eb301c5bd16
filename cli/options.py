"""Options that several commands have."""

from typing import Annotated

import typer

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Speed = Annotated[float, typer.Option(min=0.01, help="Simulated seconds per real second.")]
