"""Telling others by HTTP: signatures, addresses that may be reached, the one POST."""
