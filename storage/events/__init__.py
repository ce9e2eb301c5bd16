"""Events: written in the transaction of their change, and read in an order in which none is missed.

Every room that changes something may import `event_log`. Readers are `api.events`, the webhooks and
the rollup.
"""
