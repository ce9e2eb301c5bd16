"""Telling others by HTTP: signatures, addresses that may be reached, the one POST.

`activities.webhook_courier` sends through it, and `api.webhooks` checks addresses with it. Which
delivery goes when is in `storage.webhooks` and `policy.webhooks`.
"""
