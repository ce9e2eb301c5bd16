"""Variants as fields of a form, a few rows, and the request that they mean."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from starlette.datastructures import FormData

from api.http.problems import Problem, invalid
from api.http.schema import JsonObject
from api.splits.schemas import MOST_VARIANTS, SplitRequest
from api.splits.views import SplitView, VariantView
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import as_request, count
from policy.campaigns.goals import parted, words_of

#: So many rows are offered at least; more are set over the API.
ROWS = 4
SUCCESS = (
    ("confirmed", "confirmed"),
    ("completed,confirmed", "completed or confirmed"),
    ("completed", "completed"),
    ("transferred:*", "put through to somebody"),
)

#: Beginning of a field of a variant -> the field of its row that says it.
_FIELDS = (
    ("name", "name"),
    ("weight", "weight"),
    ("pathwayId", "pathway"),
    ("callerId", "caller"),
    ("window", "start"),
    ("voicemail", "message"),
)


@dataclass(frozen=True, slots=True)
class VariantRow:
    """Every field as a text; without a name it is no variant."""

    name: str = ""
    weight: str = "1"
    pathway: str = ""
    caller: str = ""
    start: str = ""
    end: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class SplitForm:
    success: str = "confirmed"
    learns: str = ""
    rows: Sequence[VariantRow] = (VariantRow("as now"), VariantRow())

    @property
    def named(self) -> dict[int, VariantRow]:
        """The variants, by the places of their rows."""
        return {n: row for n, row in enumerate(self.rows) if row.name}

    @property
    def offered(self) -> list[VariantRow]:
        """With empty rows up to the number that is offered."""
        return [*self.rows, *[VariantRow()] * (ROWS - len(self.rows))]


def read_form(sent: FormData) -> SplitForm:
    """What a browser sent."""

    def text(name: str) -> str:
        value = sent.get(name)
        return value.strip() if isinstance(value, str) else ""

    names = [one.name for one in fields(VariantRow)]
    rows = [
        VariantRow(**{name: text(f"{name}{nth}") for name in names}) for nth in range(MOST_VARIANTS)
    ]
    while rows and rows[-1] in (VariantRow(), VariantRow(weight="")):
        rows.pop()
    return SplitForm(text("success"), text("learns"), rows)


def form_of(view: SplitView | None) -> SplitForm:
    """The form as the campaign is."""
    if view is None:
        return SplitForm()
    learns = "yes" if view.learns else ""
    success = ",".join(words_of(view.success, view.transferred_to))
    return SplitForm(success, learns, [_row(one) for one in view.variants])


def _row(one: VariantView) -> VariantRow:
    window, voicemail = one.window or {}, one.voicemail or {}
    return VariantRow(
        one.name,
        str(one.weight),
        one.pathway_id or "",
        one.caller_id or "",
        window.get("start", ""),
        window.get("end", ""),
        voicemail.get("message") or "",
    )


def request_of(form: SplitForm, before: SplitView | None) -> SplitRequest:
    """Raises a Problem that names fields of the request.

    `before`: the variants as they are; what the form does not show of one of that name is kept.
    """
    if len(form.named) < 2:
        raise invalid("too_short", "variants", "Two or more are compared: name another one.")
    known = {} if before is None else {one.name: one for one in before.variants}
    outcomes, targets = parted(one for one in form.success.split(",") if one)
    said = {
        "success": outcomes,
        "transferredTo": targets,
        "learns": form.learns == "yes",
        "variants": [
            _said(row, known.get(row.name), nth) for nth, row in enumerate(form.named.values())
        ],
    }
    return as_request(SplitRequest, said)


def said_at(problem: Problem, form: SplitForm) -> FormErrors:
    """What is wrong, by the fields of the form: rows without a name are none of the request's."""
    of_rows = (
        (f"variants.{nth}.{theirs}", f"{ours}{n}")
        for nth, n in enumerate(form.named)
        for theirs, ours in _FIELDS
    )
    return FormErrors.of(problem, (*of_rows, ("success", "success")))


def _said(row: VariantRow, before: VariantView | None, nth: int) -> JsonObject:
    weight = count(row.weight or "1", f"variants.{nth}.weight")
    said: JsonObject = {"name": row.name, "weight": weight}
    if row.pathway:
        said["pathwayId"] = row.pathway
    if row.caller:
        said["callerId"] = row.caller
    if row.start or row.end:
        days = {} if before is None or before.window is None else before.window
        said["window"] = {**days, "start": row.start, "end": row.end}
    if row.message:
        said["voicemail"] = {"action": "leave_message", "message": row.message}
    elif before is not None and before.voicemail and not before.voicemail.get("message"):
        said["voicemail"] = before.voicemail
    return said
