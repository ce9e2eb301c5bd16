"""/api/v1/privacy: a person's right to be forgotten, and to know."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.calls.number_views import recording_path
from api.compliance.schemas import consent_view, suppression_view
from api.http.actor import By
from api.http.auth import KeyFirst, requires
from api.http.deps import Uses
from api.http.json_body import storable
from api.http.openapi import problem_responses
from api.http.schema import EndpointText
from api.http.values import read_endpoint
from api.privacy import erasure
from api.privacy.schemas import (
    EraseRequest,
    ErasureView,
    PersonalCall,
    PersonalContact,
    PersonalData,
)
from storage.privacy import subject_access
from storage.privacy.subject_access import SubjectRecords
from storage.tables import Account

router = APIRouter(
    prefix="/privacy",
    tags=["compliance"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

Reader = Annotated[Account, Depends(requires("privacy:read"))]
Writer = Annotated[Account, Depends(requires("privacy:write"))]


@router.post("/erase", dependencies=[Depends(storable)], responses=problem_responses(409, 422))
async def erase_person(body: EraseRequest, account: Writer, uses: Uses, by: By) -> ErasureView:
    """Forget a person: number, context, transcripts, recordings' links, evidence of consent.

    Calls that wait are ended. The counts stay, and a keyed hash of the number that forbids every
    further call. 409 while a call to the person is in progress.
    """
    endpoint = read_endpoint(body.endpoint, "endpoint", with_extension=True).value
    done = await erasure.erase(uses, account, endpoint, by)
    return ErasureView(erased_at=done.at, counts=done.counts)


@router.get("/export", responses=problem_responses(422))
async def export_person(
    account: Reader, uses: Uses, endpoint: Annotated[EndpointText, Query()]
) -> PersonalData:
    """All that is on file about one person."""
    text = "+" + endpoint.lstrip() if endpoint[:1] == " " else endpoint
    number = read_endpoint(text, "endpoint", with_extension=True).value
    async with uses.db.browse() as session:
        found = await subject_access.on_file(
            session, account.account_id, number, uses.gatherer.hasher
        )
    return _view(number, found)


def _view(endpoint: str, found: SubjectRecords) -> PersonalData:
    recordings: dict[str, list[str]] = {}
    for attempt in found.attempts:
        path = recording_path(attempt)
        if path is not None:
            recordings.setdefault(attempt.call_id, []).append(path)
    return PersonalData(
        endpoint=endpoint,
        calls=[
            PersonalCall(
                call_id=call.call_id,
                created_time=call.created_time,
                completed_time=call.completed_time,
                outcome=call.outcome,
                extension=call.extension,
                context=call.context,
                additional_data=call.additional_data,
                recipient=call.recipient_spec,
                subject=call.subject,
                stated_consent=call.consent_spec,
                result=call.result,
                recordings=recordings.get(call.call_id, []),
            )
            for call in found.calls
        ],
        contacts=[
            PersonalContact(
                campaign_id=one.campaign_id,
                extension=one.extension,
                context=one.context,
                timezone=one.timezone,
            )
            for one in found.contacts
        ],
        consents=[consent_view(row) for row in found.consents],
        suppressions=[suppression_view(row) for row in found.suppressions],
        inbound=[
            {"kind": row.kind, "at": row.at, "to": row.to_endpoint, "text": row.text}
            for row in found.inbound
        ],
        registries=list(found.registries),
        erased=list(found.erased),
    )
