"""The local stack: Temporal, a carrier, the API and a worker as processes that are kept running.

`cli.commands` and `cli.demo` import it. Begin at `stack`.
"""
