"""Sends the texts of campaigns: each once, when the rules let it, or not at all."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from activities.clearances import wanted
from activities.clock import utcnow
from policy.accounts.pricing import rates_of
from policy.campaigns.preflight import VerdictKind
from policy.campaigns.steps import Step, TextResult
from policy.campaigns.texts import OPTED_OUT, may_send, segments, with_opt_out
from policy.model.call import CampaignStatus
from policy.model.reasons import Reason
from policy.model.template import render_text
from storage.attempts import costs
from storage.calls import calls
from storage.campaigns import campaigns
            return await self._paid(session, text, call, step, now)
        return None

    async def _paid(
        self, session: AsyncSession, text: OutgoingText, call: Call, step: Step, now: datetime
    ) -> _Claimed | None:
        """Counts the text as sent before it is: a limit is not passed by what is under way."""
        account = await lock_account(session, call.account_id)
