"""Which calls a list is about: query parameters as `storage.call_lists.filters.CallFilter`."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from api.http.problems import Problem, invalid
from api.http.schema import EndpointText, MomentOfFilter, Name
from api.http.values import read_endpoint
from policy.model.call import CallStatus, Outcome
from storage.call_lists.call_list import CallFilter

_DATA = "additionalData."
#: SQLite allows a thousand levels in a condition, and nobody means more than a few.
MOST_DATA = 20
_FEWEST_DIGITS = 3
_KNOWN = frozenset(
    {
        *(
            "callId",
            "endpointPart",
            "agentId",
            "status",
            "status[]",
            "endpoint",
            "campaignId",
            "outcome",
        ),
        *("fromDate", "toDate", "skip", "take", "cursor"),
    }
)

Statuses = Annotated[list[CallStatus] | None, Query(description="May be repeated.")]
Day = Annotated[
    MomentOfFilter | None,
    Query(description="RFC 3339, by creation; without an offset it is UTC."),
]


async def call_filter(
    request: Request,
    call_id: Annotated[str | None, Query(alias="callId")] = None,
    agent_id: Annotated[str | None, Query(alias="agentId")] = None,
    status: Statuses = None,
    status_list: Annotated[
        list[CallStatus] | None,
        Query(alias="status[]", description="Another spelling of `status`."),
    ] = None,
    endpoint: Annotated[EndpointText | None, Query(description="As in a request.")] = None,
    endpoint_part: Annotated[
        str | None,
        Query(
            alias="endpointPart",
            description="Digits that the number has somewhere, one after the other; at least 3.",
            max_length=40,
            json_schema_extra={"pattern": "^([^0-9]*[0-9]){3}"},
        ),
    ] = None,
    campaign_id: Annotated[str | None, Query(alias="campaignId")] = None,
    outcome: Outcome | None = None,
    from_date: Annotated[Day, Query(alias="fromDate")] = None,
    to_date: Annotated[Day, Query(alias="toDate")] = None,
) -> CallFilter:
    """Also reads `additionalData.<key>=<value>`, up to `MOST_DATA` of them."""
    return CallFilter(
        call_id=call_id,
        endpoint_part=_part(endpoint_part),
        agent_id=agent_id,
        statuses=list(dict.fromkeys([*(status or []), *(status_list or [])])),
        endpoint=_endpoint(endpoint),
        campaign_id=campaign_id,
        outcome=outcome,
        from_date=from_date,
        to_date=to_date,
        additional_data=_additional_data(request),
    )


Filter = Annotated[CallFilter, Depends(call_filter)]
#: OpenAPI has no word for a parameter whose name is half the client's.
DATA_FILTER = {
    "parameters": [
        {
            "name": f"{_DATA}<key>",
            "in": "query",
            "required": False,
            "description": "The value under this key of additionalData, as text;"
            " `a.b` is also that of `b` in `a`. Up to 20.",
            "schema": {"type": "string"},
            "example": "C-1017",
        }
    ]
}


async def _endpoint_filter(
    endpoint: Annotated[EndpointText | None, Query(description="As in a request.")] = None,
) -> str | None:
    return _endpoint(endpoint)


#: A filter by one number, in its normal form.
EndpointFilter = Annotated[str | None, Depends(_endpoint_filter)]


def only(*names: str) -> Callable[[Request], Coroutine[Any, Any, None]]:
    """A dependency that refuses every other filter: ignoring it would show the wrong things."""

    async def refuse_others(request: Request) -> None:
        for name in request.query_params:
            if name not in names:
                raise _unknown(name)

    return refuse_others


#: Dependency: a list without filters refuses them all.
only_paging = only("skip", "take")
#: Dependency: so does one that is filtered by a name alone.
only_names = only("skip", "take", "name")
#: A filter by a whole name.
NameFilter = Annotated[
    Name | None,
    Query(description="Only what is called so; capitals and small letters are alike."),
]


def _endpoint(text: str | None) -> str | None:
    if text is None:
        return None
    # A plus that was not escaped arrives as a space.
    return read_endpoint("+" + text.lstrip() if text[:1] == " " else text, "endpoint").value


def _part(text: str | None) -> str | None:
    if text is None:
        return None
    digits = "".join(one for one in text if one.isascii() and one.isdigit())
    if len(digits) < _FEWEST_DIGITS:
        raise invalid("too_short", "endpointPart", "It takes at least 3 digits.")
    return digits


def _additional_data(request: Request) -> dict[str, str]:
    """A filter that is not known is refused: ignoring it would show the wrong calls."""
    wanted = {}
    for name, value in request.query_params.multi_items():
        if name.startswith(_DATA) and len(name) > len(_DATA):
            wanted[name.removeprefix(_DATA)] = value
            if len(wanted) > MOST_DATA:
                raise invalid("too_long", _DATA + "<key>", f"At most {MOST_DATA} such filters.")
        elif name not in _KNOWN:
            raise _unknown(name)
    return wanted


def _unknown(name: str) -> Problem:
    return invalid("unknown_field", name, "There is no such filter.")
