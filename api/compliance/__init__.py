"""The do-not-call list, consents, an account's own rules, waivers, and "may this person be called".

`dashboard` and the rooms that change what a verdict rests on may import it. Rows are in
`storage.compliance`, the verdict is in `policy.compliance`, the packs are in `policy.rules`.
"""
