"""What crosses a wire, and every name that two processes share; no personal data, ever.

`api`, `workflows`, `activities`, `worker` and `cli` may import it; it knows `policy.model` only.
"""
