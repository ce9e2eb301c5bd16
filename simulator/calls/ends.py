"""What is journaled and told as a leg moves on, up to its end."""

from typing import Any

from simulator.callbacks.fields import subscribed
from simulator.calls.recordings import new_recording
from simulator.services import Services
from simulator.state.ledger import CallRecord


def detects(record: CallRecord) -> bool:
    """Whether answering machine detection is on; SendDigits switches it off."""
    return bool(record.param("MachineDetection")) and not record.param("SendDigits")


def emit(services: Services, record: CallRecord, event: str, **changes: Any) -> None:
    """Journal a change together with the event it is, then send that to who subscribed."""
    wanted = event in subscribed(record) and bool(record.param("StatusCallback"))
    new = wanted and event not in record.emitted
    if new:
        changes["emitted"] = [*record.emitted, event]
    if changes:
        services.state.change(record, **changes)
    if new:
        services.callbacks.status(record, event)


def conclude(services: Services, record: CallRecord, answered_by: str, after: float) -> None:
    """Enter a verdict of answering machine detection, and send it if it was asynchronous."""
    services.state.change(record, answered_by=answered_by, amd_ms=round(after * 1000))
    if record.flag("AsyncAmd"):
        services.callbacks.amd(record)


def finish(services: Services, record: CallRecord, status: str, spoken: float) -> None:
    """Bring a call to its terminal status; spoken: simulated seconds since the answer."""
    now = services.clock.wall()
    answered = record.answered_at is not None
    duration = max(0, round(spoken)) if answered else None
    if answered and record.flag("Record"):
        _record_call(services, record, duration or 0)
    emit(services, record, "completed", status=status, ended_at=now, duration=duration)
    if answered and detects(record) and record.answered_by is None:
        conclude(services, record, "unknown", spoken)
    for recording in record.recordings:
        if recording["source"] == "OutboundAPI":
            services.callbacks.recording(record, recording)


def _record_call(services: Services, record: CallRecord, duration: int) -> None:
    recording = new_recording(
        record,
        root=services.account_url,
        source="OutboundAPI",
        duration=duration,
        started_at=record.answered_at or record.created_at,
        callback=record.param("RecordingStatusCallback"),
    )
    services.state.add(record, "recordings", recording)
