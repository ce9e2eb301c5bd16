"""Commands that ask a server, against the real API on a real socket."""
