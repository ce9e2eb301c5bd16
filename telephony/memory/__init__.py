"""The carrier in memory, for tests: same port as `telephony.twilio`, same contract, no network."""
