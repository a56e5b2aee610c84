"""Why a person answers a lead, in words: what screens, the API and the lead's history say."""

from allstop.rules.playbook import WHY as OF_THE_PLAYBOOK

WHY: dict[str, str] = {
    **OF_THE_PLAYBOOK,
    "taken_over": "A member has taken over.",
    "no_playbook": "The account has no playbook that is on.",
    "no_address": "The contact has no address for the playbook's next message.",
    "refused": "The playbook's message may not leave to this contact: its page says why.",
    "not_delivered": "The playbook's last message did not leave.",
    "wrote_before": "They wrote again before the playbook's answer had left: it was withdrawn.",
    "may_be_no": "What they wrote may be a no: a person reads it first.",
    "left_to_people": "It was left to people when the lead came in.",
}


def in_words(code: str) -> str:
    return WHY.get(code, "")
