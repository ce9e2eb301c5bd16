"""The nouns as plain values: call, decision, person, consent, reasons, purposes, templates.

Every room and every floor may import it; it imports nothing of ours.
"""
