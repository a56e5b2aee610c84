"""How a call sounds before it is made: what is played here is what the phone will hear, in the same voice."""

import re
from dataclasses import dataclass

from allstop.actions.actor import Actor, Invalid, NotThere, require
from allstop.actions.templates import template_of
from allstop.rules.calling import CLOSING, script
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.speech.languages import USUAL, spoken_language
from allstop.speech.speaking import Unspeakable, here, wav
from allstop.store.models import ChannelSetup, Contact, Message

BY_TELEPHONE = "sip"  # the adapter whose settings say how calls sound

_PLACEHOLDER = re.compile(r"\{\s*([a-z][a-z0-9_]*)\s*\}")

SAMPLES = {
    "first_name": "Pat",
    "last_name": "Moreau",
    "name": "Pat Moreau",
    "location": "our practice",
    "when": "Monday, the 7th of June, at half past ten",
    "date": "Monday, the 7th of June",
    "time": "half past ten",
    "provider": "Doctor Ito",
    "appointment_type": "a check-up",
    "amount": "120 dollars",
    "due_date": "the 30th of June",
}


@dataclass(frozen=True, slots=True)
class Sounds:
    """How the calls of an account are spoken."""

    language: str
    closing: str
    follows_contact: bool


def sounds_of(account_id: int) -> Sounds:
    setup = ChannelSetup.objects.filter(account_id=account_id, channel=Channel.CALL, provider=BY_TELEPHONE).first()
    config = {} if setup is None else setup.config
    return Sounds(
        language=spoken_language(config.get("language", USUAL)),
        closing=config.get("closing", CLOSING),
        follows_contact=config.get("follows_contact", False),
    )


def message_audio(actor: Actor, message_id: int) -> bytes:
    """A WAV file: the whole of what the call says until a key is pressed."""
    require(actor, Act.VIEW)
    message = Message.objects.filter(account_id=actor.account_id, id=message_id).first()
    if message is None:
        raise NotThere("There is no such message.")
    sounds = sounds_of(actor.account_id)
    language = sounds.language
    if sounds.follows_contact and message.contact_id is not None:
        language = spoken_language(Contact.objects.get(pk=message.contact_id).language, language)
    return spoken(message.body, sounds.closing, language)


def template_audio(actor: Actor, template_id: int) -> bytes:
    """The same of wording, with made-up values."""
    require(actor, Act.VIEW)
    template = template_of(actor, template_id)
    sounds = sounds_of(actor.account_id)
    values = SAMPLES | {"account": template.account.name}
    words = _PLACEHOLDER.sub(lambda found: values.get(found[1], found[1].replace("_", " ")), template.body)
    return spoken(words, sounds.closing, sounds.language)


def spoken(body: str, closing: str, language: str) -> bytes:
    try:
        return wav(here.say(script(body, closing), language))
    except Unspeakable as why:
        raise Invalid(body=str(why)) from why
