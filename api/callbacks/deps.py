"""What the carrier's callbacks work with besides the services of all routes."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.callbacks.transfer_steps import TransferSteps
from api.callbacks.voice_response import VoiceResponder
from api.callbacks.warm_steps import WarmSteps
from api.callbacks.workflow_notifier import WorkflowNotifier
from api.temporal_client import WorkflowGateway
from bootstrap import fact_gatherer
from settings import Settings


@dataclass(frozen=True, slots=True)
class CallbackServices:
    """Put together by `api.app`."""

    notifier: WorkflowNotifier
    voice: VoiceResponder
    transfers: TransferSteps
    warm: WarmSteps

    @classmethod
    def of(cls, settings: Settings, gateway: WorkflowGateway) -> "CallbackServices":
        gatherer = fact_gatherer(settings)
        voice = VoiceResponder(settings.public_url, settings.amd_hold_seconds, gatherer)
        steps = TransferSteps(voice)
        return cls(WorkflowNotifier(gateway), voice, steps, WarmSteps(steps))


async def _callbacks(request: Request) -> CallbackServices:
    found: CallbackServices = request.app.state.callbacks
    return found


Callbacks = Annotated[CallbackServices, Depends(_callbacks)]
