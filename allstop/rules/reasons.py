"""Every reason code in words: the one table that screens, the API and commands read.

A code is stable and never shown alone; its words tell a person at the front desk what happened and what would
change it. What a provider said (`smtp:550 5.1.1`) and the name of a hold are not in the table: both sets are
open, and they are quoted.
"""

import re

REASONS: dict[str, str] = {
    # contact_marker, opt_out
    "stop_all": "Stop All is set on the contact: nothing goes out to them.",
    "stop_promotions": "Stop Promotions is set on the contact: no promotion and no group send of 6 or more.",
    "opted_out_text": "The contact has said no to texts.",
    "opted_out_call": "The contact has said no to calls.",
    "opted_out_email": "The contact has said no to emails.",
    "opted_out_all": "The contact has said no to all messages.",
    # use_by
    "too_late": "It is too late: the time after which it must not leave has passed.",
    "appointment_gone": "Its appointment was over when sending was started again.",
    # lifecycle, account_stop
    "cancelled": "The account is cancelled.",
    "suspended": "The account is suspended.",
    "prospect": "The account is a prospect: only service emails leave.",
    "stopped": "The account is STOPPED.",
    "scheduled": "A scheduled stop stands: it ends by itself.",
    "brake": "The automatic brake has stopped it: a person looks and presses START.",
    "stopped_installation": "Every account is STOPPED, by an operator of the installation.",
    "stopped_channel": "This channel is STOPPED.",
    "stopped_location": "Its location is STOPPED.",
    "database_changed": "The database is another one or an older copy: an operator must confirm it.",
    "paused": "Sending is paused.",
    "removed": "Its job was removed.",
    "unclear_reply": "The contact wrote something that may be a no: a person has to read it first.",
    "erasing": "The contact is being erased: nothing leaves to them any more.",
    "ending": "The contact's conversation was ended a moment ago: what waited in it is being withdrawn.",
    # channel_closed
    "no_provider": "No provider is set up for this channel.",
    "channel_disabled": "This channel is turned off in Setup.",
    "channel_broken": "The provider of this channel does not work at the moment.",
    "no_credits": "The provider's credits are used up.",
    # quiet_hours
    "zone_unknown": "Nobody knows which time zone the contact is in, so no hour is sure to be a waking one.",
    "no_common_hour": "The contact may be in several time zones, and no hour is a waking one in all of them.",
    "quiet_hours": "It is too early or too late in the day where the contact is.",
    "quiet_law": "A law keeps promotions from reaching the contact at this hour.",
    # window, provider_limit, pace
    "window_closed": "The account's sending window is closed.",
    "window_never_opens": "It does not leave by itself: no days and times are set. Somebody presses Send now.",
    "window_too_short": "Every sending window is shorter than the time between two messages.",
    "next_round": "It waits for the next regular check, as Setup says.",
    "limit_minute": "The provider takes no more in this minute: it leaves as soon as there is room.",
    "limit_hour": "The provider takes no more in this hour: it leaves as soon as there is room.",
    "limit_day": "The provider takes no more in these 24 hours: it leaves as soon as there is room.",
    "pace": "It waits its turn: messages leave one after the other at the account's pace.",
    # left behind in TO: of the Messenger, beside the contact's markers and own no
    "no_mobile": "The contact has no number that takes texts.",
    "no_phone": "The contact has no phone number.",
    "no_email": "The contact has no email address.",
    "name_missing": "The wording needs a name that the contact does not have.",
    "followed_up": "A plan that this list has sent to them goes on already.",
    # what became of it
    "accepted": "The provider took it.",
    "rejected": "The provider refused it for good.",
    "files_gone": "The files that it should take along are not there any more. Write it again with its files.",
    "busy_or_no_answer": "BUSY OR NO ANSWER: every call was busy or was not answered.",
    "outcome_unknown": "It may have left: the provider did not say whether it took it.",
    "worker_lost": "It may have left: the program that was sending it ended before it could say.",
    "left_unknown": "It may have left: nobody ever knew, and a person decided not to send it again.",
    "erased": "The person was erased: what was waiting was withdrawn, and nothing personal is kept.",
    "conversation_ended": "Its conversation was ended, or a person took it over, before it left.",
    "read_meanwhile": "Somebody read what it would have answered by itself, before it left.",
    "attempts_used_up": "The provider was tried as often as is allowed.",
    "deleted": "It had failed, and a person deleted it: it never leaves.",
    "dropped_at_start": "It was dropped at START: a person decided that it shall not leave any more.",
    "duplicate": "It was dropped at START: a newer message tells the same contact the same.",
    "another_location": "It belongs to another location.",
    "appointment_cancelled": "The appointment was cancelled.",
    "appointment_moved": "A newer file gives another time, place or address: another message takes its place.",
    "appointment_missing": "Two files of the feed, which hold everything, do not name its appointment any more.",
    "unchanged": "An earlier file of the feed said the same: what was made of that stands.",
    "superseded": "A newer file of the feed has said more of this appointment.",
    "no_sending_day": "No day of the feed's rhythm sends reminders for this weekday.",
    "stands_by": "It goes only if the message before it in its plan fails; that is not known yet.",
    "not_needed": "The message before it in its plan has reached them, or it need not be sent any more.",
    "with_family": "Another message to the same number or address tells of it, together with others of the family.",
    "family_changed": "Somebody of whom it told comes at another time, or has answered: the others are told anew.",
    "appointment_confirmed": "The contact has confirmed the appointment: it was only for those who have not.",
    "contact_cancelled": "The contact has said that they do not come.",
    "wrong_address": "Whoever has this number or address has said that it is not the contact's.",
    "they_answered": "They have answered: the later steps of the plan are not needed.",
    "they_said_no": "They have said no: the plan does not go on.",
    "ticked": "They were ticked as complete on the list: the plan does not go on.",
    "visit_booked": "They have an appointment by now: the plan does not go on.",
    # what an attempt came to, where no provider said it
    "allstop:asked": "Nobody knew until the provider was asked: it has the message.",
    "allstop:lost_before": "The line to the provider broke before it was handed over; it is tried again.",
    "allstop:in_part": "Only some parts of the text were taken: what arrived of it is not known.",
    "allstop:no_answer": "It was handed over, and the provider never answered: it may have arrived.",
    "allstop:files_gone": "It was not handed over: its files are not there any more.",
    "allstop:unsupported": "The provider of this channel cannot carry such a message.",
    "allstop:fault": "Something went wrong in Allstop while it was handed over: it may have arrived.",
}

OPTED_OUT_OF_TEXTS = "opted_out_text"

CHECKS: dict[str, str] = {
    "contact_marker": "Markers on the contact",
    "opt_out": "The contact's own no",
    "use_by": "Too late to be true",
    "lifecycle": "The account's status",
    "account_stop": "Stops and holds",
    "channel_closed": "The channel's provider",
    "quiet_hours": "The contact's quiet hours",
    "window": "The account's sending windows",
    "provider_limit": "The provider's limits",
    "pace": "The account's pace",
}


_OF_A_PROVIDER = re.compile(r"\w+:\S")


def in_words(code: str) -> str:
    """A code that is not in the table was written by a provider, or is the name of a hold: it is quoted."""
    if not code:
        return ""
    if code in REASONS:
        return REASONS[code]
    name, _, rule = code.partition(":")
    if name == "quiet_law":
        return f"{REASONS[name]} Its rule: {rule}."
    if _OF_A_PROVIDER.match(code):
        return f"The provider said: {code}."
    return f"A hold named “{code}” stands."
