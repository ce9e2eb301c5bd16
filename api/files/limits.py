"""How far a list may reach, and the two ways in which a file can be none."""

#: A sheet has no more rows; blank ones count here.
MAX_LINES = 1_048_576
MAX_COLUMNS = 500
#: Exit code of `workbook_reader` for a file that is Unreadable.
REFUSED = 3


class Unreadable(ValueError):
    """The file is no table that can be read. Its text quotes nothing of the file."""


class TooFar(Unreadable):
    """A cell stands beyond `MAX_LINES` or `MAX_COLUMNS`, or the file unpacks to too much."""

    def __init__(self) -> None:
        super().__init__(
            f"a cell stands beyond row {MAX_LINES} or column {MAX_COLUMNS}, or the sheet is larger "
            "than can be held; copy the list into a new file, or save it as CSV"
        )
