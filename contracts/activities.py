"""The activities as workflows see them: names and types, no code.

Workflows call these stubs, workers register the methods of the same names in `activities/`;
so a workflow module never imports a database or a carrier.
"""

from temporalio import activity

from contracts.calls import (
    AttemptRef,
    Decide,
    DialCancel,
    DialResult,
    RescheduleCall,
    Settle,
    TransferRef,
)
from contracts.campaigns import Feed, FeedCampaign
from policy.model.call import Decision


@activity.defn
async def decide(request: Decide) -> Decision:
    """Local. Gather the facts, ask policy, record and return the answer."""
    raise NotImplementedError


@activity.defn
async def settle(request: Settle) -> Decision:
    """Local. Record how an attempt ended, give its lease back, decide what comes next."""
    raise NotImplementedError


@activity.defn
async def reschedule(request: RescheduleCall) -> None:
    """Local. Move a waiting call."""
    raise NotImplementedError


@activity.defn
async def dial(ref: AttemptRef) -> DialResult:
    """Send the create request of an attempt at most once, ever."""
    raise NotImplementedError


@activity.defn
async def dial_to_end(ref: AttemptRef) -> DialResult:
    """`dial`, and then until the leg is over: whoever hears of its end completes the activity."""
    raise NotImplementedError


@activity.defn
async def take_up(ref: AttemptRef) -> DialResult:
    """What became of a dial that ended without an answer; an intent not sent yet is withdrawn."""
    raise NotImplementedError


@activity.defn
async def note_cancel(call_id: str) -> None:
    """Local. Keep a dial that has not been sent from being sent."""
    raise NotImplementedError


@activity.defn
async def find_leg(ref: AttemptRef) -> bool:
    """Find out whether an attempt of unknown fate has a leg; False parks it."""
    raise NotImplementedError


@activity.defn
async def check_leg(ref: AttemptRef) -> bool:
    """Ask the carrier where a silent leg stands; True when it is over."""
    raise NotImplementedError


@activity.defn
async def cancel_leg(ref: AttemptRef) -> bool:
    """End a leg that nobody has answered yet; False when a person is on the line."""
    raise NotImplementedError


@activity.defn
async def cancel_dial(ref: AttemptRef) -> DialCancel:
    """Keep a dial from being sent, or end its leg, unless somebody has answered."""
    raise NotImplementedError


@activity.defn
async def hang_up(ref: AttemptRef) -> bool:
    """End the leg of an attempt, which may be over already; False if it never had one."""
    raise NotImplementedError


@activity.defn
async def handle_voicemail(ref: AttemptRef) -> None:
    """Leave the message or hang up, as the call says."""
    raise NotImplementedError


@activity.defn
async def dial_target(ref: TransferRef) -> None:
    """Send the create request of a warm transfer's own leg at most once, ever."""
    raise NotImplementedError


@activity.defn
async def attend_transfer(ref: TransferRef) -> None:
    """Until callee and target talk, or nobody is reached and no leg of the target's is left."""
    raise NotImplementedError


@activity.defn
async def feed_campaign(request: FeedCampaign) -> Feed:
    """Local. Turn the contacts whose turn comes near into calls, and say what is next."""
    raise NotImplementedError


@activity.defn
async def pause_campaign(campaign_id: str) -> None:
    """Local. Dial nobody of the campaign any more, until it is resumed."""
    raise NotImplementedError


@activity.defn
async def resume_campaign(campaign_id: str) -> None:
    """Local. Go on with a paused campaign."""
    raise NotImplementedError


@activity.defn
async def cancel_campaign(campaign_id: str) -> None:
    """Mark the campaign and its waiting calls as canceled, and tell the calls."""
    raise NotImplementedError
