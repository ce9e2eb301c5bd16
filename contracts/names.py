"""Every name that two processes must agree on: workflow ids, task queues, signals, attributes."""

from temporalio.common import SearchAttributeKey

CALL_QUEUE = "trunkline-calls"
#: Dials have a queue of their own so that the server can hold them to the carrier's pace.
DIAL_QUEUE = "trunkline-dials"

STATUS = SearchAttributeKey.for_keyword("TrunklineStatus")
OUTCOME = SearchAttributeKey.for_keyword("TrunklineOutcome")
AGENT = SearchAttributeKey.for_keyword("TrunklineAgent")
CAMPAIGN = SearchAttributeKey.for_keyword("TrunklineCampaign")
DEADLINE = SearchAttributeKey.for_datetime("TrunklineDeadline")

#: name -> type as the Temporal CLI spells it.
SEARCH_ATTRIBUTES = {
    STATUS.name: "Keyword",
    OUTCOME.name: "Keyword",
    AGENT.name: "Keyword",
    CAMPAIGN.name: "Keyword",
    DEADLINE.name: "Datetime",
}

#: The loops, as their leases name them.
DISPATCHER = "dispatcher"
WATCH = "watch"
STARTER = "starter"
DELIVERY = "delivery"
COUNTER = "counter"
SWEEP = "sweep"
CALLER_IDS = "caller_ids"
LOOKUPS = "lookups"
LOOPS = (DISPATCHER, WATCH, STARTER, DELIVERY, COUNTER, SWEEP, CALLER_IDS, LOOKUPS)
#: Without these no call is made. The others may have no worker yet, while versions change.
VITAL_LOOPS = tuple(name for name in LOOPS if name not in (CALLER_IDS, LOOKUPS))
#: What they were in Temporal before they had leases.
FORMER_SCHEDULE_ID = "trunkline-sweep"
FORMER_LOOP_IDS = tuple(
    f"trunkline-{name}" for name in (DISPATCHER, WATCH, STARTER, DELIVERY, COUNTER)
)

#: Signals and updates of CallWorkflow. `cancel` is both.
CANCEL = "cancel"
REPLAN = "replan"
SLOT_GRANTED = "slot_granted"
CARRIER_EVENT = "carrier_event"
PUT_THROUGH = "put_through"
RESCHEDULE = "reschedule"
HANG_UP = "hang_up"

#: What the update `cancel` answers while a ringing leg is being canceled with the call.
CANCELING = "canceling"

#: Signals of CampaignWorkflow, besides `cancel`. `nudge`: something has changed, look at once.
NUDGE = "nudge"
PAUSE = "pause"
RESUME = "resume"

#: Types of the ApplicationErrors with which an update is refused.
IN_PROGRESS = "in_progress"
NOT_LIVE = "not_live"
#: Type of the error with which a dial is failed whose worker is gone.
DIALER_LOST = "dialer_lost"


CALL_ID_PREFIX = "call-"
CAMPAIGN_ID_PREFIX = "campaign-"


def dial_activity_id(attempt_number: int) -> str:
    """By which a dial is completed from outside."""
    return f"dial-{attempt_number}"


def call_workflow_id(call_id: str) -> str:
    return f"{CALL_ID_PREFIX}{call_id}"


def campaign_workflow_id(campaign_id: str) -> str:
    return f"{CAMPAIGN_ID_PREFIX}{campaign_id}"
