"""What the carrier knows of a number besides that it rings."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Line(BaseModel):
    """As Lookup v2 has it; `reassigned`: since whatever day is asked about."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True)

    type: str = "mobile"
    carrier: str = Field(default="Simulated Mobile", alias="carrierName")
    reassigned: Literal["yes", "no", "no_data_available"] = "no"
    valid: bool = True
