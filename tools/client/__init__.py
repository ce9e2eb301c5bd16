"""Writes what of `trunkline_client` follows from the OpenAPI document: python -m tools.client.

`document` reads the document, `models` and `operations` write a file for each of its tags.
"""
