"""What is deployed, held against the code: no engine runs here, so what can be read is read."""
