"""A lead goes from the playbook to a person. Its conversation is opened by the caller, who has locked it."""

from datetime import datetime

from allstop.actions.leads import change, write_event
from allstop.actions.talk_rows import silence
from allstop.rules.leads import Title
from allstop.rules.talk_words import in_words
from allstop.store.models import Answers, Lead, Talk

BY_THE_PLAYBOOK = "the playbook"  # who did it, in histories and the ledger


def hand_over(lead: Lead, talk: Talk, why: str, now: datetime, *, is_last_wanted: bool = False) -> None:
    """`is_last_wanted`: what the playbook has said in this very turn leaves all the same."""
    if is_last_wanted:
        talk.answers, talk.why, talk.due_at, talk.heard_at = Answers.PERSON.value, why, None, None
        talk.save()
    else:
        silence(talk, Answers.PERSON, why, now)
    change([lead.pk])
    write_event(lead, Title.HANDED_OVER, BY_THE_PLAYBOOK, now, detail=in_words(why))
