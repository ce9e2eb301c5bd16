"""What a leg hears, as TwiML: pathways, scripts, and short messages.

`api.callbacks` and `activities.dials.voicemail` import it. What a pathway may hold is in
`policy.pathways`.
"""
