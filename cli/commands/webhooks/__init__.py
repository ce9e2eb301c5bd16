"""Commands about webhooks, and events as they happen."""
