"""The Python client, against the real API on a real socket."""
