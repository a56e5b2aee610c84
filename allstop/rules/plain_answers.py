"""Words that say yes or no to any question, and nothing else: for answers to reminders and to a playbook's questions.

As both readers see them: small letters, no accents, no signs. What says yes or no to one sort of question alone
("I'll be there", "not interested") stands with its reader: visit_reply.py, yes_no.py. Whether a reply is a no to more
messages is asked before either of them: optout.py.
"""

_YES = """
yes; yess; yesss; yeah; yea; yep; yup; yip; ya; yah; ye; y; sure; sure thing; for sure; ok; okay; okey; k; kk;
of course; absolutely; definitely; certainly; si; claro; claro que si; vale; por supuesto; de acuerdo; oui; daccord;
d accord; bien sur; ouais; ja; klar; na klar; naturlich; jawohl; auf jeden fall
"""
_NO = """
no; nope; nah; naw; n; no thanks; no thank you; no thx; no ty; absolutely not; definitely not; certainly not;
of course not; no way; no gracias; non; non merci; nein; nein danke; auf keinen fall; nee
"""


def phrases(listed: str) -> frozenset[str]:
    """Of a list with semicolons between."""
    return frozenset(filter(None, (" ".join(one.split()) for one in listed.split(";"))))


YES, NO = phrases(_YES), phrases(_NO)
