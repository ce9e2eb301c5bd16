"""What the carrier is asked: Twilio's REST API, and the control API of tests and demos."""
