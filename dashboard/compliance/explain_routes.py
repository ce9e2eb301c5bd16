"""/dashboard/compliance/explain: may this number be called, when next, and why?"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from api.compliance import routes as rest
from api.compliance.routes import Reader
from api.compliance.rule_schemas import Explanation
from api.http.auth import allows
from api.http.deps import Services, Uses
from api.http.problems import Problem, invalid
from dashboard.compliance import compliance_words
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.wall_times import typed_instant
from dashboard.page import Session, page, viewer_zone_name
from dashboard.session.session import SignedIn, session_in
from dashboard.viewer import zone_names
from policy.model.purposes import ConsentTier, Purpose
from storage.accounts import agents
from storage.tables import Account

router = APIRouter(prefix="/compliance/explain", route_class=SignedIn)
_OFFERED = 500
#: Beginning of a field of the request -> the field of the form that says it.
_FIELDS = (
    ("endpoint", "number"),
    ("agentId", "agent"),
    ("at", "at"),
    ("purpose", "purpose"),
    ("timezone", "zone"),
    ("country", "country"),
    ("postalCode", "postal"),
    ("consent", "consent"),
)
_LONGEST_POSTAL = 20


@dataclass(frozen=True, slots=True)
class ExplainForm:
    """Every field as a text; `at` is on the clock of the page."""

    number: str = ""
    agent: str = ""
    purpose: str = ""
    at: str = ""
    zone: str = ""
    country: str = ""
    postal: str = ""
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What policy says, and what the clocks show that may be the recipient's."""

    said: Explanation
    clocks: Sequence[tuple[str, str, datetime]]

    @property
    def there(self) -> datetime | None:
        """The next time that suits, on the likeliest clock."""
        if self.said.next_at is None or not self.clocks:
            return None
        return self.said.next_at.astimezone(ZoneInfo(self.clocks[0][0]))


@router.get("")
async def ask(request: Request, account: Reader, uses: Uses) -> Response:
    """The question."""
    return await _page(request, uses, ExplainForm())


@router.post("")
async def answer(request: Request, account: Reader, uses: Uses) -> Response:
    """The answer below the question; the number stands in no address."""
    sent = await request.form()
    names = [one.name for one in fields(ExplainForm)]
    form = ExplainForm(**{name: str(sent.get(name, "")).strip() for name in names})
    try:
        found = await _explained(request, uses, account, form)
    except Problem as problem:
        if problem.status != 422:
            raise
        return await _page(request, uses, form, FormErrors.of(problem, _FIELDS))
    return await _page(request, uses, form, answer=found)


async def _explained(
    request: Request, uses: Services, account: Account, form: ExplainForm
) -> Answer:
    if not form.agent:
        raise invalid("required", "agentId", "Choose who would call.")
    said = await rest.explain_call(
        account,
        uses,
        form.number,
        form.agent,
        at=typed_instant(form.at, viewer_zone_name(request), "at"),
        purpose=Purpose(_known(form.purpose, Purpose, "purpose")) if form.purpose else None,
        timezone=form.zone or None,
        country=_country(form.country),
        postal_code=form.postal[:_LONGEST_POSTAL] or None,
        subject=None,
        recording=None,
        consent=ConsentTier(_known(form.consent, ConsentTier, "consent")) if form.consent else None,
    )
    clocks = [(one.zone, compliance_words.source(one.source), said.at) for one in said.zones]
    return Answer(said, [(zone, why, at.astimezone(ZoneInfo(zone))) for zone, why, at in clocks])


def _known(text: str, values: type[Purpose] | type[ConsentTier], field: str) -> str:
    if text not in set(values):
        raise invalid("unknown_value", field, "There is no such choice.")
    return text


def _country(text: str) -> str | None:
    if text and not (len(text) == 2 and text.isascii() and text.isalpha()):
        raise invalid("malformed", "country", "Must be two letters, such as US.")
    return text.upper() or None


async def _page(
    request: Request,
    uses: Services,
    form: ExplainForm,
    errors: FormErrors | None = None,
    answer: Answer | None = None,
) -> Response:
    return await page(
        request,
        "compliance/explain.html",
        422 if errors else 200,
        form=form,
        errors=errors or FormErrors(),
        answer=answer,
        agents=await _agents(uses, session_in(request)),
        zones=zone_names(),
        purposes=list(Purpose),
        tiers=list(ConsentTier),
        words=compliance_words,
    )


async def _agents(uses: Services, who: Session) -> list[tuple[str, str]]:
    """By their names, for those who may see them; else by their ids."""
    async with uses.db.browse() as session:
        found, _ = await agents.page(session, who.account.account_id, 0, _OFFERED)
    is_named = allows(who.key.scopes, "agents:read")
    return [(one.agent_id, one.name if is_named else one.agent_id) for one in found]
