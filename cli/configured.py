"""The settings, or one sentence on what is wrong with them."""

from pydantic import ValidationError

from cli.errors import Unusable
from settings import PREFIX, Settings, load_settings


def configured() -> Settings:
    """The settings of this environment; raises Unusable where they cannot be read."""
    try:
        return load_settings()
    except FileNotFoundError as error:
        raise Unusable(f"{error}.") from error
    except ValidationError as error:
        names = ", ".join(
            PREFIX + ".".join(map(str, item["loc"])).upper() for item in error.errors()
        )
        raise Unusable(f"These settings hold something they cannot: {names}.") from error
