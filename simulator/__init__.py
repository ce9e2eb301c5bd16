"""A carrier that speaks Twilio's REST protocol, for running and testing without real phones.

It imports nothing of Trunkline, and nothing imports it: it is reached over HTTP. See its README.
"""
