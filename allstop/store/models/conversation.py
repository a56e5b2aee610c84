"""Conversations: one for each contact who has written, or been answered, and one for each sender whom nobody knows yet.

    (nothing) ──they write──► open ──answered, closed──► closed
                               ▲                           │
                               └──they write, reopened─────┘

Open means that they wait for us. Unread is another thing: nobody has looked yet. What was said stays where it is, in
`inbound` and `message`; a conversation says only how it stands.
"""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from allstop.store.models.account import Account, Member
from allstop.store.models.closed_sets import one_of
from allstop.store.models.contact import Contact


class ConversationState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Conversation(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, null=True, db_index=False)  # NULL: not known yet
    address = models.CharField(max_length=254)  # of a sender whom nobody knows; "" with a contact
    state = models.CharField(max_length=6)
    last_at = models.DateTimeField()  # when they wrote or were answered last: the order of the list
    last_in_at = models.DateTimeField(null=True)
    last_out_at = models.DateTimeField(null=True)  # an answer by a person; reminders are no answers
    unread = models.IntegerField(default=0)  # of what they wrote, since somebody looked
    unread_since = models.DateTimeField(null=True)
    # With a contact it is the contact's: a trigger (conversation.sql) carries every change over, whoever makes it.
    assigned_to = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, db_index=False)
    auto_reply_due_at = models.DateTimeField(null=True)  # unless somebody reads it before
    auto_replied_at = models.DateTimeField(null=True)  # once a day
    version = models.BigIntegerField()  # from a sequence, at every change: what open pages watch

    class Meta:
        db_table = "conversation"
        constraints = [
            models.UniqueConstraint(fields=["contact"], name="conversation_once"),
            models.UniqueConstraint(
                fields=["account", "address"], condition=Q(contact=None), name="conversation_of_sender"
            ),
            one_of("state", ConversationState, "conversation_state"),
            models.CheckConstraint(condition=Q(contact=None) ^ Q(address=""), name="conversation_is_with_somebody"),
            models.CheckConstraint(
                condition=Q(unread=0, unread_since=None, auto_reply_due_at=None)
                | Q(unread__gt=0, unread_since__isnull=False),
                name="conversation_unread_since",
            ),
        ]
        indexes = [
            # the lists, newest first: everybody's; a member's, or those of nobody
            models.Index(fields=["account", "state", "-last_at", "-id"], name="conversation_list"),
            models.Index(fields=["account", "assigned_to", "state", "-last_at", "-id"], name="conversation_of_member"),
            # unread ones, and how many
            models.Index(fields=["account", "-last_at", "-id"], condition=Q(unread__gt=0), name="conversation_unread"),
            models.Index(
                fields=["account", "assigned_to", "-last_at", "-id"],
                condition=Q(unread__gt=0),
                name="conversation_unread_of",
            ),
            models.Index(fields=["account", "-version"], name="conversation_changes"),  # is an open page out of date?
            models.Index(fields=["assigned_to"], name="conversation_member"),  # when a member goes
            models.Index(
                fields=["auto_reply_due_at"],
                condition=Q(auto_reply_due_at__isnull=False),
                name="conversation_auto_reply",
            ),
        ]
