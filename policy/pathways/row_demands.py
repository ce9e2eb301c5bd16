"""What a campaign asks of a row besides a good number: at its upload, and until it is a call."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policy.location.endpoints import extension_refusal
from policy.model.call import ExtensionUse, Refusal
from policy.pathways import blanks


@dataclass(frozen=True, slots=True)
class RowDemands:
    """`variables`: those that the campaign does not fill for all its calls."""

    variables: blanks.Variables = field(default_factory=blanks.Variables)
    extensions: ExtensionUse = ExtensionUse.REFUSE

    def refusal(self, context: Mapping[str, object], extension: str | None) -> Refusal | None:
        """Why this row is no call: what is asked for now may change, and the row with it."""
        return extension_refusal(extension, self.extensions) or blanks.refusal(
            self.variables.wanted, context
        )
