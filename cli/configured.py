"""The settings, or one sentence on what is wrong with them."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cli.errors import Unusable
from secret_files import UnusableFile
from settings import PREFIX, Settings, load_settings


def configured() -> Settings:
    """The settings of this environment; raises Unusable where they cannot be read."""
    try:
        return load_settings()
    except (FileNotFoundError, UnusableFile) as error:
        raise Unusable(f"{error}.") from error
    except ValidationError as error:
        found = "; ".join(map(_wrong, error.errors()))
        # Not chained: pydantic's text repeats the value, which may be a secret.
        raise Unusable(f"These settings hold something they cannot: {found}.") from None


def _wrong(item: ErrorDetails) -> str:
    name = PREFIX + ".".join(map(str, item["loc"])).upper()
    reason = item["msg"].removeprefix("Value error, ")
    return f"{name} ({reason[:1].lower()}{reason[1:]})"
