"""All that policy may know of a call, gathered: agent, account, pathway, the person, the tries.

Whoever asks policy imports `gather`; no other room of `storage` does. What is made of the facts is
in `policy.facts` and `policy.calls.decide`.
"""
