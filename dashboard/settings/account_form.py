"""The account as a form: what is typed, and what of it is a change."""

from dataclasses import dataclass, fields

from api.accounts.schemas import AccountPatch
from api.http.problems import Problem, invalid
from api.http.schema import JsonObject
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import as_request
from policy.accounts.pricing import MICRO
from storage.tables import Account

#: Beginning of a field of the request -> the field of the form that says it.
_FIELDS = (
    ("name", "name"),
    ("plan", "plan"),
    ("maxConcurrent", "max_concurrent"),
    ("callsPerMinute", "calls_per_minute"),
    ("spendLimit", "spend_limit"),
    ("sector", "sector"),
)


@dataclass(frozen=True, slots=True)
class AccountForm:
    """As it is typed; an empty limit is none."""

    name: str = ""
    plan: str = ""
    max_concurrent: str = ""
    calls_per_minute: str = ""
    spend_limit: str = ""
    sector: str = ""


def form_of(account: Account) -> AccountForm:
    """The form as the account is."""
    limit = account.spend_limit
    return AccountForm(
        name=account.name,
        plan=account.plan or "",
        max_concurrent=str(account.max_concurrent),
        calls_per_minute=str(account.calls_per_minute),
        spend_limit="" if limit is None else f"{limit / MICRO:.2f}",
        sector=account.sector or "",
    )


def patch_of(form: AccountForm, account: Account) -> AccountPatch:
    """What the form changes; raises a Problem that names fields of the request."""
    before = form_of(account)
    changed = {
        one.name for one in fields(form) if getattr(form, one.name) != getattr(before, one.name)
    }
    said: JsonObject = {}
    for ours, theirs in ((ours, theirs) for theirs, ours in _FIELDS if ours in changed):
        said[theirs] = _value(theirs, getattr(form, ours))
    return as_request(AccountPatch, said)


def _value(field: str, text: str) -> str | int | None:
    if field == "name":
        return text
    if field in ("plan", "sector"):
        return text or None
    if field == "spendLimit":
        return _micro(text)
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise invalid("wrong_type", field, "Must be a whole number.")
    return int(text)


def _micro(text: str) -> int | None:
    if not text:
        return None
    try:
        return round(float(text.replace(",", ".")) * MICRO)
    except (ValueError, OverflowError):
        raise invalid("wrong_type", "spendLimit", "Must be an amount such as 25.00.") from None


def said_at(problem: Problem) -> FormErrors:
    """What is wrong, by the field of the form."""
    return FormErrors.of(problem, _FIELDS)
