"""What is said of a list of contacts that a browser sent: what its columns are."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from starlette.datastructures import FormData

from api.files.file_columns import FileColumns, columns_of
from api.http.values import stated_country
from dashboard.forms.sent_file import SentFile

_CHOICE = re.compile(r"column\.(\d{1,3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class FileForm:
    """What was said of a file. `choices`: what a column is, by its place; see `column_choice`.

    `seen`: of which columns this was said, and of which variables; they may be another file's and
    another pathway's by now.
    """

    country: str = ""
    seen: str = ""
    choices: Mapping[int, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    replace: bool = False

    def choices_for(self, columns: FileColumns) -> Mapping[int, str]:
        """What was said of these very columns."""
        return self.choices if self.seen.startswith(_digest(columns.names)) else {}

    def was_asked_about(self, variables: Iterable[str]) -> bool:
        """Whether it was said which column fills these very variables, if any does."""
        return self.seen.endswith(_digest(variables))


def read_file_form(sent: FormData) -> FileForm:
    """What a browser sent."""
    texts = {name: value.strip() for name, value in sent.items() if isinstance(value, str)}
    named = {name: _CHOICE.fullmatch(name) for name in texts}
    return FileForm(
        country=texts.get("country", "").upper(),
        seen=texts.get("seen", ""),
        choices={int(found[1]): texts[name] for name, found in named.items() if found},
        constants={
            name.removeprefix("constant."): value
            for name, value in texts.items()
            if name.startswith("constant.") and value
        },
        replace=texts.get("replace") == "yes",
    )


async def look_at(file: SentFile, form: FileForm) -> FileColumns:
    """Its columns; raises a Problem that says why the file cannot be read."""
    country = stated_country(form.country or None)
    return await columns_of(file.content, None, country)


def digest_of(columns: FileColumns, variables: Iterable[str]) -> str:
    """Tells the columns of one file, and what may fill of a pathway, from those of another."""
    return _digest(columns.names) + _digest(variables)


def _digest(names: Iterable[str]) -> str:
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()[:16]


def plain_name(file: str) -> str:
    """The name of a file without its ending, as a name for a campaign."""
    stem = file.replace("\\", "/").rpartition("/")[2]
    return re.sub(r"\.(csv|xlsx?|txt|tsv)$", "", stem, flags=re.IGNORECASE).strip()
