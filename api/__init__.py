"""REST and the carrier's callbacks: requests in, answers out; for `server` and `dashboard`.

In a room `routes` are the addresses, `schemas` what may be said, `views` what is shown, `service`
what is done. From there go down to the same noun in `workflows`, `storage` or `policy`.
"""
