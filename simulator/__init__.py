"""A carrier that speaks Twilio's REST protocol, for running and testing without real phones."""
