"""Texts and emails by the many services that the library Apprise knows, without receipts."""
