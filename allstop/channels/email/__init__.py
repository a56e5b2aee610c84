"""Emails: the SMTP adapter, and how a mail is written."""
