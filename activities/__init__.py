"""What workflows have done in the world: decide, dial, deal with voicemail, run the loops.

Only `worker` imports it; a file is an activity or a loop, `dials` what a dial and its leg take.
Queries are in `storage`, verdicts in `policy`, the carrier is in `telephony`, receivers are behind
`webhooks`.
"""
