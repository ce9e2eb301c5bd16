"""What is told of a file's rows."""

from api.http.schema import View


class BadRow(View):
    row: int
    code: str
    message: str
