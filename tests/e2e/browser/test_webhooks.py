"""What webhooks were told of a call, and told once more, in a browser on the running stack."""

import json
from pathlib import Path

import pytest

from tests.e2e.browser.visitor import Visitor
from tests.e2e.stack import Stack
from tests.wait import wait_until
from tests.webhooks.server import ReceiverProcess

pytestmark = pytest.mark.e2e

NUMBER = "+17185550127"


def test_a_webhook_is_told_once_more(stack: Stack, visitor: Visitor, tmp_path: Path) -> None:
    receiver = ReceiverProcess(tmp_path)
    receiver.answer("204")
    receiver.start()
    made = stack.post("/api/v1/webhooks", {"url": receiver.url})
    try:
        stack.script(NUMBER, {"answer": {"after": 1, "by": "human", "digits": "1"}})
        call_id = stack.submit(stack.agent(), NUMBER)
        stack.wait_for_end(call_id)
        wait_until(lambda: "call.completed" in told(receiver, call_id), "it is told of the end")
        # Whose answer is not on record yet is still being sent, and cannot be sent again.
        wait_until(lambda: delivered(stack, made["webhookId"], call_id), "the answer is on record")
        visitor.go(f"/calls/{call_id}")
        visitor.page.locator("summary", has_text="Told to webhooks").click()
        visitor.page.get_by_role("button", name="Send call.completed again").click()
        visitor.page.get_by_text("The webhook is told once more").wait_for()
        wait_until(lambda: told(receiver, call_id).count("call.completed") == 2, "told twice")
    finally:
        stack.api.delete(f"/api/v1/webhooks/{made['webhookId']}")
        receiver.kill()


def delivered(stack: Stack, webhook_id: str, call_id: str) -> bool:
    of_its_end = {"callId": call_id, "type": "call.completed", "state": "delivered"}
    path = f"/api/v1/webhooks/{webhook_id}/deliveries"
    return bool(stack.api.get(path, params=of_its_end).json()["total"] == 1)


def told(receiver: ReceiverProcess, call_id: str) -> list[str]:
    events = [json.loads(body) for _, body in receiver.got()]
    return [event["type"] for event in events if event["callId"] == call_id]
