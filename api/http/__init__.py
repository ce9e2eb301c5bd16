"""What all routes share: keys, dependencies, problems, idempotency, bodies, values, health.

Every room of `api` and `dashboard` may import it, and it imports none of them.
"""
