"""What the carrier asks and tells, signed: how a leg fares, what it hears next, calls that come in.

Only `api.app` imports it. Forms are read by `telephony.twilio`, news goes into `storage.attempts`,
and what changes a call's path goes on to its workflow (`workflow_notifier`).
"""
