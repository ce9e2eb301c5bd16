"""What workflows have done in the world: decide, dial, deal with voicemail. And the loops.

Only `worker` imports it; a file is an activity or a loop's turns, `dials` what a dial and its leg
take, `loops` which worker runs a loop.
Queries are in `storage`, verdicts in `policy`, the carrier is in `telephony`, receivers are behind
`webhooks`.
"""
