"""Files of numbers: for the do-not-call list, for a registry, and of people who agreed.

A file is read through first; then its good rows are imported. Both are steps of one form.
"""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Form, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.compliance import number_imports
from api.compliance.consent_routes import Writer as ConsentWriter
from api.compliance.number_imports import RegistryState
from api.compliance.suppression_routes import Writer
from api.files.number_files import ImportResult, numbers_of
from api.http.body_limits import MAX_FILE
from api.http.deps import Services, Uses
from api.http.problems import Problem, invalid
from api.http.values import stated_country
from api.replan.replan import replan
from dashboard import refusal_words
from dashboard.compliance import registries
from dashboard.compliance.number_file import (
    NumberFile,
    Refuses,
    look_through,
    nothing_refused,
    read_number_file,
    rejected_rows,
)
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.sent_file import countries
from dashboard.forms.wall_times import typed_instant
from dashboard.page import page, viewer_zone_name
from dashboard.session.session import SignedIn
from policy.location.endpoints import country_of
from policy.model.call import EndpointKind
from policy.model.purposes import ConsentTier
from storage.accounts import agents
from storage.calls.calls import AffectedCalls
from storage.tables import Account

router = APIRouter(route_class=SignedIn)
LIST, REGISTRY, CONSENTS = (
    "/do-not-call/import",
    "/compliance/registries/import",
    "/compliance/consents/import",
)
Step = Annotated[str, Form(max_length=20)]
_PIECE = 64 * 1024
_LONGEST_METHOD = 200


@dataclass(slots=True)
class ImportForm:
    """`fields`: what is said besides the file. `result` and `more`: what an import came to."""

    here: str
    file: NumberFile
    fields: dict[str, str]
    refuses: Refuses = nothing_refused
    result: ImportResult | None = None
    more: dict[str, Any] = field(default_factory=dict)


Import = Callable[[ImportForm, ImportResult, AsyncIterator[list[Any]]], Awaitable[dict[str, Any]]]


@router.get(LIST)
async def choose_list_file(request: Request, account: Writer, uses: Uses) -> Response:
    """The form, with no file yet."""
    return await _empty(request, uses, account, LIST)


@router.post(LIST, max_body_size=MAX_FILE)
async def send_list_file(
    request: Request, account: Writer, uses: Uses, later: BackgroundTasks, step: Step = "look"
) -> Response:
    """How the file reads; or its numbers on the list."""
    form = await _read(request, uses, account, LIST, ())

    async def load(
        _form: ImportForm, result: ImportResult, batches: AsyncIterator[list[Any]]
    ) -> dict[str, Any]:
        return {"added": await number_imports.add_to_list(uses, account, batches, result)}

    return await _answer(request, uses, account, form, step, load, later)


@router.get(REGISTRY)
async def choose_registry_file(
    request: Request,
    account: Writer,
    uses: Uses,
    registry: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """The form, with no file yet."""
    return await _empty(request, uses, account, REGISTRY, {"registry": registry})


@router.post(REGISTRY, max_body_size=MAX_FILE)
async def send_registry_file(
    request: Request, account: Writer, uses: Uses, later: BackgroundTasks, step: Step = "look"
) -> Response:
    """How the file reads; or its numbers in the registry."""
    form = await _read(request, uses, account, REGISTRY, ("registry", "scrubbed", "keep", "empty"))
    load = partial(_load_registry, request, uses, account)
    return await _answer(request, uses, account, form, step, load, later)


async def _load_registry(
    request: Request,
    uses: Services,
    account: Account,
    form: ImportForm,
    result: ImportResult,
    batches: AsyncIterator[list[Any]],
) -> dict[str, Any]:
    said = form.fields
    name = registries.name_of(said["registry"])
    scrubbed = typed_instant(said["scrubbed"], viewer_zone_name(request), "scrubbedTime")
    if scrubbed is None:
        raise invalid("required", "scrubbedTime", "Say when the registry was in this state.")
    state = RegistryState(
        name, scrubbed, keep=said["keep"] == "yes", may_be_empty=said["empty"] == "yes"
    )
    row = await number_imports.import_registry(uses, account, state, batches, result)
    return {"registry": row}


@router.get(CONSENTS)
async def choose_consent_file(request: Request, account: ConsentWriter, uses: Uses) -> Response:
    """The form, with no file yet."""
    return await _empty(request, uses, account, CONSENTS)


@router.post(CONSENTS, max_body_size=MAX_FILE)
async def send_consent_file(
    request: Request,
    account: ConsentWriter,
    uses: Uses,
    later: BackgroundTasks,
    step: Step = "look",
) -> Response:
    """How the file reads; or the same consent on record for each of its numbers."""
    form = await _read(request, uses, account, CONSENTS, ("tier", "method", "key"))
    form.refuses = number_imports.ConsentRows(uses.now())

    async def load(
        _form: ImportForm, result: ImportResult, batches: AsyncIterator[list[Any]]
    ) -> dict[str, Any]:
        tier, method = _agreement(form.fields)
        once = form.fields["key"][:64] or None
        await number_imports.record_consents(uses, account, tier, method, batches, result, once)
        return {}

    return await _answer(request, uses, account, form, step, load, later)


def _agreement(said: dict[str, str]) -> tuple[ConsentTier, str]:
    if said["tier"] not in set(ConsentTier):
        raise invalid("unknown_value", "tier", "Say how far they agreed.")
    if not 0 < len(said["method"]) <= _LONGEST_METHOD:
        raise invalid("required", "method", "Say how it was given, in at most 200 letters.")
    return ConsentTier(said["tier"]), said["method"]


@router.post(f"{LIST}/rejected.csv", max_body_size=MAX_FILE)
@router.post(f"{REGISTRY}/rejected.csv", max_body_size=MAX_FILE)
async def save_rejected(request: Request, account: Writer, uses: Uses) -> Response:
    """The rows of the file that would be left out, to be mended and sent again."""
    return await _rejected(request, uses, account, nothing_refused)


@router.post(f"{CONSENTS}/rejected.csv", max_body_size=MAX_FILE)
async def save_rejected_consents(request: Request, account: ConsentWriter, uses: Uses) -> Response:
    """The same of a file of consents."""
    return await _rejected(request, uses, account, number_imports.ConsentRows(uses.now()))


# -- what the three have in common


async def _empty(
    request: Request,
    uses: Services,
    account: Account,
    path: str,
    fields: dict[str, str] | None = None,
) -> Response:
    file = NumberFile(country=await _home(uses, account))
    said = {"registry": "", "scrubbed": "", "keep": "", "empty": "", "tier": "", "method": ""}
    form = ImportForm(f"/dashboard{path}", file, {**said, "key": "", **(fields or {})})
    return await _page(request, uses, account, form)


async def _home(uses: Services, account: Account) -> str:
    """Where the caller IDs of the newest agent are, if all are in one country."""
    async with uses.db.browse() as session:
        newest, _ = await agents.page(session, account.account_id, 0, 1)
    ids = newest[0].caller_ids if newest else []
    found = {country_of(one, EndpointKind.PHONE) or "" for one in ids}
    return found.pop() if len(found) == 1 else ""


async def _read(
    request: Request, uses: Services, account: Account, path: str, names: tuple[str, ...]
) -> ImportForm:
    sent = await request.form()
    said = {name: str(sent.get(name, "")).strip()[:200] for name in names}
    file = await read_number_file(request, await _home(uses, account))
    return ImportForm(f"/dashboard{path}", file, said)


async def _answer(
    request: Request,
    uses: Services,
    account: Account,
    form: ImportForm,
    step: str,
    load: Import,
    later: BackgroundTasks,
) -> Response:
    """One step on: the look at the file, or the import of what is good in it."""
    if step == "load":
        await _import(form, load)
    if form.result is not None:
        later.add_task(replan, uses, account, AffectedCalls())
    else:
        await look_through(form.file, form.refuses)
    answer = await _page(request, uses, account, form)
    answer.background = later
    return answer


async def _import(form: ImportForm, load: Import) -> None:
    file = form.file
    if file.sent is None:
        file.errors.setdefault("file", "Choose a file.")
    if file.errors or file.sent is None:
        return
    result, country = ImportResult(), stated_country(file.country or None)
    batches = numbers_of(file.sent.content, result, file.phone_column, country)
    try:
        form.more = await load(form, result, batches)
        form.result = result
    except Problem as problem:
        _tell(file, problem)


_FIELDS = (
    ("registry", "registry"),
    ("scrubbedTime", "scrubbed"),
    ("tier", "tier"),
    ("method", "method"),
    ("phoneColumn", "phone"),
)


def _tell(file: NumberFile, problem: Problem) -> None:
    if problem.status >= 500:
        raise problem
    if problem.code == "no_numbers":
        problem = invalid("no_numbers", "", "The file has no number that can be called.")
    found = FormErrors.of(problem, _FIELDS)
    if "" in found:
        found["file"] = found.pop("")
    file.errors.update(found)


async def _page(request: Request, uses: Services, account: Account, form: ImportForm) -> Response:
    asked = await registries.asked_for(uses, account) if form.here.endswith(REGISTRY) else ()
    return await page(
        request,
        "compliance/import.html",
        422 if form.file.errors else 200,
        here=form.here,
        kind=form.here.removeprefix("/dashboard"),
        file=form.file,
        errors=form.file.errors,
        said=form.fields,
        result=form.result,
        more=form.more,
        countries=countries(),
        tiers=list(ConsentTier),
        asked=asked,
        words=refusal_words,
        # Another one for each page: what is sent twice from one page is recorded once.
        key=form.fields.get("key") or secrets.token_urlsafe(16),
    )


async def _rejected(
    request: Request, uses: Services, account: Account, refuses: Refuses
) -> Response:
    file = await read_number_file(request, await _home(uses, account))
    if file.sent is None:
        raise invalid("required", "file", "The file is not here any more: choose it once more.")
    spool = await rejected_rows(file, refuses)
    headers = {"Content-Disposition": 'attachment; filename="rejected.csv"'}
    return StreamingResponse(_pieces(spool), media_type="text/csv; charset=utf-8", headers=headers)


async def _pieces(spool: IO[bytes]) -> AsyncIterator[bytes]:
    with spool:
        while piece := spool.read(_PIECE):
            yield piece
