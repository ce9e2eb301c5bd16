"""Settings by file: `TRUNKLINE_X_FILE` names a file that holds what `TRUNKLINE_X` would.

So secrets stand in no environment, where every child and every listing of processes has them.
"""

from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
)

SUFFIX = "_FILE"
#: Larger than any chain of certificates.
MAX_BYTES = 64 * 1024


class UnusableFile(ValueError):
    """A file that is named cannot be what it should; its text never holds what is in the file."""


class FileSettings(PydanticBaseSettingsSource):
    """What the files hold that one source (the environment, or a file `.env`) names.

    It goes before that source, which may hold the plain setting as an empty string.
    """

    def __init__(
        self, settings_cls: type[BaseSettings], beside: PydanticBaseSettingsSource
    ) -> None:
        super().__init__(settings_cls)
        assert isinstance(beside, EnvSettingsSource | DotEnvSettingsSource)
        self._told = beside.env_vars
        self._prefix = settings_cls.model_config.get("env_prefix", "").lower()

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The value, its name, and that it is no JSON."""
        name = self._prefix + field_name
        path = self._told.get(name + SUFFIX.lower())
        if not path:
            return None, field_name, False
        if self._told.get(name):
            both = f"{name.upper()} and {name.upper()}{SUFFIX}"
            raise UnusableFile(f"{both} are both set; one of them must go")
        return _content(name.upper() + SUFFIX, Path(path)), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in found.items() if value is not None}


def _content(name: str, path: Path) -> str:
    """Without the line's end that editors leave; raises UnusableFile."""
    try:
        with path.open("rb") as file:
            held = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnusableFile(f"{name} names {path}, which cannot be read: {reason}") from None
    if len(held) > MAX_BYTES:
        raise UnusableFile(f"{name} names {path}, which has more than {MAX_BYTES} bytes")
    try:
        return held.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise UnusableFile(f"{name} names {path}, which is not text") from None
