"""What the columns of a file are: guessed where nothing else can be meant, else asked.

A column has the phone numbers, fills a variable of the pathway, or is kept with the contact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.files.file_columns import FileColumn, FileColumns
from dashboard.campaigns.contact_file import FileForm, digest_of
from dashboard.forms.form_errors import FormErrors
from policy.model.call import NumberType
from policy.pathways import blanks
from policy.pathways.blanks import Variables

#: What a form says of a column; a variable has its name behind `fills:`.
PHONE, FILLS, KEPT = "phone", "fills:", "kept"
#: Another number of the same person, with whose phone it is, if that is said.
ALSO = "also:"
_ALSO = {
    f"{ALSO}{kind}": f"another number of theirs{': ' + kind if kind else ''}"
    for kind in ("", *(one.value for one in NumberType))
}
#: From so many percent on, a column may well be one of phone numbers.
_LIKELY = 50


@dataclass(frozen=True, slots=True)
class ChosenColumn:
    """`says` is PHONE, FILLS with the name of a variable, or KEPT.

    `is_guess`: nobody has said so yet.
    """

    index: int
    column: FileColumn
    says: str
    is_guess: bool

    @property
    def variable(self) -> str:
        return self.says.removeprefix(FILLS) if self.says.startswith(FILLS) else ""

    @property
    def percent(self) -> int:
        """How many of its cells are phone numbers."""
        return round(100 * self.column.numbers)


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """Every column with what it is. `lacking`: variables that are said and nothing fills."""

    columns: Sequence[ChosenColumn]
    rows: int
    seen: str
    variables: Variables
    constants: Mapping[str, str]
    is_of_errors: bool
    header_row: int | None
    #: The place of the column with the recipients' zones.
    zone: int | None

    @property
    def phone(self) -> ChosenColumn | None:
        return next((one for one in self.columns if one.says == PHONE), None)

    @property
    def question(self) -> str:
        """What is asked as long as no column has the numbers."""
        if self.phone or self.is_of_errors:
            return ""
        likely = [one.column.name for one in self.columns if one.percent >= _LIKELY]
        if len(likely) > 1:
            return f"Several columns could be the phone number: {', '.join(likely)}. Choose one."
        if likely:
            return f"Say which column has the phone numbers; {likely[0]} could."
        return (
            "No column can be read as phone numbers. Choose the one that has them, "
            "and which country numbers without + are from."
        )

    @property
    def filled(self) -> frozenset[str]:
        return frozenset(one.variable for one in self.columns if one.variable)

    @property
    def lacking(self) -> list[str]:
        """Those without which nobody is called, in their order."""
        return sorted(self.variables.wanted - self.filled - self.constants.keys())

    @property
    def open(self) -> list[str]:
        """Variables that no column fills: all calls may say the same."""
        return sorted(self.variables.used - self.filled)

    @property
    def options(self) -> list[tuple[str, str]]:
        """What a column may be."""
        named = sorted(self.variables.used)
        says = [(f"{FILLS}{name}", f"fills {{{{{name}}}}}") for name in named]
        phone = [] if self.is_of_errors else [(PHONE, "the phone number")]
        return [*phone, *_ALSO.items(), *says, (KEPT, "kept with the contact")]

    @property
    def other_columns(self) -> list[str]:
        """Those with further numbers, as `otherColumns` of an upload, in the file's order."""
        return [
            f"{one.says.removeprefix(ALSO)}:{one.column.name}".removeprefix(":")
            for one in self.columns
            if one.says.startswith(ALSO)
        ]

    @property
    def column_map(self) -> dict[str, str]:
        """The variable that each column fills which is not called so."""
        return {
            one.column.name: one.variable
            for one in self.columns
            if one.variable and one.variable != one.column.name
        }

    def errors(self) -> FormErrors:
        """What has to be said before the rows can be loaded, by the field."""
        found = FormErrors()
        phones = [one for one in self.columns if one.says == PHONE]
        if not phones and not self.is_of_errors:
            found["columns"] = self.question
        for one in phones[1:]:
            found[f"column.{one.index}"] = "Only one column can be the phone number."
        seen: set[str] = set()
        for one in self.columns:
            if one.variable and one.variable in seen:
                found[f"column.{one.index}"] = f"Another column fills {one.variable} already."
            seen.add(one.variable)
        for name in self.lacking:
            message = f"The pathway says {name}: choose a column for it, or say it for all calls."
            found[f"constant.{name}"] = message
        return found


def choose(columns: FileColumns, form: FileForm, variables: Variables) -> ColumnChoice:
    """What was said of these columns, and a guess for those of which nothing was."""
    # Of another pathway's variables nothing has been said.
    known = {PHONE, KEPT, *_ALSO, *(f"{FILLS}{name}" for name in variables.used)}
    said = {n: says for n, says in form.choices_for(columns).items() if says in known}
    if not form.was_asked_about(sorted(variables.used)):
        # Before its agent was chosen no column could be anything else.
        said = {n: says for n, says in said.items() if says != KEPT}
    layout = columns.layout
    hidden = layout.left_out if layout else frozenset()
    guesses = _guesses(columns, variables, hidden)
    chosen = [
        ChosenColumn(index, column, said.get(index, guesses[index]), index not in said)
        for index, column in enumerate(columns.columns)
        if index not in hidden
    ]
    return ColumnChoice(
        chosen,
        columns.rows,
        digest_of(columns, sorted(variables.used)),
        variables,
        form.constants,
        is_of_errors=bool(hidden),
        header_row=layout.header_row if layout else None,
        zone=layout.timezone if layout else None,
    )


def _guesses(columns: FileColumns, variables: Variables, hidden: frozenset[int]) -> dict[int, str]:
    found = dict.fromkeys(range(len(columns.columns)), KEPT)
    phone = columns.layout.phone if columns.layout else None
    free = [name for n, name in enumerate(columns.names) if n != phone and n not in hidden]
    likely = blanks.likely_columns(variables.used, free)
    fills = {column: name for name, column in likely.items()}
    for index, name in enumerate(columns.names):
        if index == phone:
            found[index] = PHONE
        elif name in variables.used:
            found[index] = f"{FILLS}{name}"
        elif name in fills:
            found[index] = f"{FILLS}{fills[name]}"
    return found
