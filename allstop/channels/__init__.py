"""The channels: everything that speaks to a provider, a folder for each kind. adapter.py has the interface.

Adapters know rules and nothing else: what they need from the house is lent to them by whoever builds them.
"""
