"""What is wrong with a form, by its fields; of a field that is right it says nothing."""

from collections.abc import Iterable

from api.http.problems import PATTERN, Problem


class FormErrors(dict[str, str]):
    """Messages by the names of fields; "" is about none of them."""

    def __missing__(self, _field: str) -> str:
        return ""

    @classmethod
    def of(cls, problem: Problem, fields: Iterable[tuple[str, str]]) -> "FormErrors":
        """`fields`: beginning of a field of the request -> the field of the form that says it."""
        found, known = cls(), list(fields)
        for error in problem.errors:
            named = (ours for theirs, ours in known if error.field.startswith(theirs))
            # A pattern is for programs; what people are to write stands with the field.
            is_pattern = error.message.startswith(PATTERN)
            message = "This is not written as it has to be." if is_pattern else error.message
            found.setdefault(next(named, ""), message)
        return found if found else cls({"": problem.detail})
