"""The do-not-call list, registries, consents, an account's own rules (overlays) and its waivers.

`facts` reads them for a verdict, `api.compliance` changes them. What they mean for a call is in
`policy.compliance`.
"""
