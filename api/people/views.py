"""People of an account, and whoever asks, as they are shown."""

from collections.abc import Sequence
from datetime import datetime

from api.http.deps import Services
from api.people.schemas import Me, MemberMade, MemberStatus, MemberView, OwnAccount
from policy.accounts.roles import SCOPES_OF, Role
from storage.tables import Account, ApiKey, Member

#: Below the public URL: where a link leads.
LINK_PATH = "/dashboard/sign-in/link/"


def member_view(uses: Services, row: Member, key: ApiKey | None, ways: Sequence[str]) -> MemberView:
    """`key`: what stands for them, once they have joined; `ways`: `people.ways_in`."""
    same = ("member_id", "email", "name", "created_by", "created_time", "joined_time")
    return MemberView(
        **{name: getattr(row, name) for name in same},
        role=Role(row.role),
        status=status_of(row),
        signs_in_by=list(ways),
        disabled_time=row.disabled_time,
        last_seen_time=key and uses.key_uses.latest(key.api_key_id, key.used_time),
        link_ends_time=_ahead(row.link_ends_at, uses.now()),
    )


def member_made(uses: Services, member: MemberView, link: str) -> MemberMade:
    """With the link that was made for them a moment ago."""
    public = uses.settings.public_url.rstrip("/")
    return MemberMade(**member.model_dump(), link=f"{public}{LINK_PATH}{link}")


def status_of(row: Member) -> MemberStatus:
    if row.disabled_time is not None:
        return MemberStatus.DISABLED
    return MemberStatus.INVITED if row.joined_time is None else MemberStatus.ACTIVE


def me_view(account: Account, key: ApiKey) -> Me:
    """Whoever asks, by the key that is theirs or that stands for them."""
    is_role = len(key.scopes) == 1 and key.scopes[0] in SCOPES_OF
    return Me(
        kind="key" if key.member_id is None else "person",
        id=key.member_id or key.api_key_id,
        name=key.name or key.prefix,
        role=Role(key.scopes[0]) if is_role else None,
        scopes=key.scopes,
        account=OwnAccount(account_id=account.account_id, name=account.name),
    )


def _ahead(at: datetime | None, now: datetime) -> datetime | None:
    return at if at is not None and now < at else None
