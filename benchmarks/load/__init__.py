"""Measured on the running stack."""
