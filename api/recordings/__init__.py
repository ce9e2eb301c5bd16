"""Which recordings a call has, and their sound, passed on from the carrier; for `api.app`.

From here go to `telephony.twilio.recordings`; they are deleted by `activities.dials.carrier_watch`.
"""
