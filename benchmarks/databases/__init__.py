"""Measured on a database alone."""
