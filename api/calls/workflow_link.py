"""Where people find a call in Temporal's Web UI."""

from contracts.names import call_workflow_id
from settings import Settings


def workflow_url(settings: Settings, call_id: str) -> str:
    """The page of a call's workflow; it shows no personal data."""
    base = f"{settings.temporal_ui_url.rstrip('/')}/namespaces/{settings.temporal_namespace}"
    return f"{base}/workflows/{call_workflow_id(call_id)}"
