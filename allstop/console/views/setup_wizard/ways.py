"""What the pages about providers share: which there are for a channel, and a way out of what was typed."""

from collections.abc import Mapping
from dataclasses import replace

from allstop.actions.sending_setup import PROVIDERS
from allstop.rules.facts import Channel
from allstop.rules.sending import Value, Way

NAMES = {
    "": "None",
    "sandbox": "Sandbox: to try things out, nothing really leaves",
    "smtp": "A mail server (SMTP)",
    "smpp": "SMPP",
    "text_api": "Text API over HTTP",
    "apprise": "Another service (Apprise)",
    "sip": "A telephone trunk (SIP)",
}


def provider_choices(channel: Channel, present: object) -> list[tuple[str, str]]:
    """With the present one, even if it is no longer supported: it must not vanish unsaid."""
    known = [(one, NAMES[one]) for one in PROVIDERS[channel]]
    if present and present not in PROVIDERS[channel]:
        known.append((str(present), f"{present}: no longer supported"))
    return known


def new_way(before: Way, provider: str, typed: Mapping[str, Mapping[str, Value]]) -> Way:
    """`typed`: by provider. What the page does not show stays, as long as the provider does."""
    kept = dict(before.config) if provider == before.provider else {}
    return replace(before, provider=provider, config={**kept, **typed.get(provider, {})})
