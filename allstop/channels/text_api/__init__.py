"""Texts by an HTTP API of Twilio's shape: Twilio's own, and the many that speak the same."""
