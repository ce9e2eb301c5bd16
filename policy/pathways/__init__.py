"""What may stand in a pathway, and where an answer leads in a script.

`api.accounts` checks with it, `api.callbacks` goes on by it, `telephony.twiml` renders it.
"""
