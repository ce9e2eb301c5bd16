"""Receives Trunkline's webhooks: verifies each, passes over what it had before, answers 204.

WEBHOOK_SECRET=whsec_... python examples/webhook_receiver.py [port]
"""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

SECRET = Webhook(os.environ["WEBHOOK_SECRET"])
#: Ids of events that were dealt with. In earnest: a unique column, written with what you do.
SEEN: set[str] = set()
LOCK = Lock()


def handle(event: dict[str, Any]) -> None:
    """Your part. Be quick, or put it into a queue: the answer is waited for 15 seconds."""
    subject = (event["callId"] or event["campaignId"] or "-")[:8]
    state = event["outcome"] or event["status"] or "-"
    say(f"{event['id']:<8} {subject:<8} {event['sequence']:>3} {event['type']:<21} {state}")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            event = SECRET.verify(body, dict(self.headers))
        except (WebhookVerificationError, ValueError):
            self._answer(401)
            return
        with LOCK:
            if event["id"] in SEEN:
                say(f"{event['id']:<8} again")
            else:
                handle(event)
                SEEN.add(event["id"])
        self._answer(204)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing of requests: only of events."""


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 9000
    ThreadingHTTPServer(("127.0.0.1", port), Receiver).serve_forever()
