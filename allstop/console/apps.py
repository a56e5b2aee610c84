"""Registers the console so that Django finds its templates, static files and template tags. It has no models."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "allstop.console"
    label = "console"
    verbose_name = "Console"
