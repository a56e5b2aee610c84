"""Calls over SIP: dialled, spoken, and ended here, without a service in between."""
