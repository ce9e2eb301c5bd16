"""What is told of a file: its rows, and what its columns were taken for."""

from pydantic import Field

from api.files.layouts import ColumnReason, Layout
from api.http.schema import JsonObject, View
from policy.model.call import NumberType

#: As much of a title as is told.
_LONGEST_TITLE = 255


class BadRow(View):
    row: int
    code: str
    message: str


class TitleRow(View):
    """A row above the header: it is no contact. `row` counts as a spreadsheet does."""

    row: int
    text: str


class OtherColumnView(View):
    """A column with further numbers; `type` as it was said, or as its name says."""

    column: str
    type: NumberType | None


class FileView(View):
    """How a file was read; all null or empty where none was."""

    phone_column: str | None = Field(
        default=None, description="The column that was taken for the phone numbers."
    )
    phone_column_reason: ColumnReason | None = Field(
        default=None,
        description="`requested` with `phoneColumn`; `name`: it is called so; `content`: it holds "
        "phone numbers, and no column is called so.",
    )
    other_columns: list[OtherColumnView] = Field(
        default_factory=list, description="Those with further numbers of the same person."
    )
    header: list[str] | None = Field(
        default=None, description="The names of the columns; null: the first row is data."
    )
    header_row: int | None = Field(default=None, description="Where the header stands.")
    title_rows: list[TitleRow] = Field(
        default_factory=list, description="Rows above the header, which are no contacts."
    )


def layout_view(layout: Layout | None) -> JsonObject:
    """The fields of `FileView`."""
    if layout is None:
        return {}
    return {
        "phone_column": layout.names[layout.phone],
        "phone_column_reason": layout.reason,
        "other_columns": [
            OtherColumnView(column=layout.names[one.index], type=one.type) for one in layout.others
        ],
        "header": None if layout.header_row is None else list(layout.names),
        "header_row": layout.header_row,
        "title_rows": [
            TitleRow(row=row, text=", ".join(filter(None, cells))[:_LONGEST_TITLE])
            for row, cells in layout.titles
        ],
    }
