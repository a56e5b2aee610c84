"""What a member shall be told by email: that somebody wrote, or that a lead is theirs. What they want is in member."""

from django.db import models
from django.db.models import Q

from allstop.rules.member_news import NewsKind
from allstop.store.models.account import Account, Member
from allstop.store.models.closed_sets import one_of
from allstop.store.models.contact import Contact
from allstop.store.models.conversation import Conversation


class MemberNews(models.Model):
    """One thing for one member, told once: while it waits, more of the same conversation only counts up."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="news", db_index=False)
    kind = models.CharField(max_length=8)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, null=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, null=True)
    count = models.IntegerField(default=1)
    at = models.DateTimeField()  # the first of them
    due_at = models.DateTimeField()
    in_digest = models.BooleanField()
    told_at = models.DateTimeField(null=True)
    message_id = models.BigIntegerField(
        null=True
    )  # the mail; NULL and told: it was read before, or not wanted any more

    class Meta:
        db_table = "member_news"
        constraints = [
            one_of("kind", NewsKind, "member_news_kind"),
            models.UniqueConstraint(
                fields=["member", "kind", "contact", "conversation"],
                condition=Q(told_at=None),
                name="member_news_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(told_at=None), name="member_news_due"),  # asked each second
            models.Index(fields=["member", "told_at"], name="member_news_told"),  # not twice in a quarter of an hour
        ]
