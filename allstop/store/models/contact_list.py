"""Recall and contact lists: questions about contacts that are kept, and who is done with for a while."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from allstop.store.models.account import Account
from allstop.store.models.contact import Contact


class ContactList(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="contact_lists", db_index=False)
    name = models.CharField(max_length=100)
    filter = models.JSONField()  # lists.ContactFilter
    no_visit_months = models.SmallIntegerField(null=True)  # no appointment that we know of since, nor ahead
    not_written_days = models.SmallIntegerField(null=True)  # no message that left since
    back_after_months = models.SmallIntegerField(default=6)  # whoever is ticked is on it again then
    for_family = models.BooleanField(default=False, db_default=False)  # those who share an address get one message
    created_by = models.CharField(max_length=120)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "contact_list"
        constraints = [
            models.UniqueConstraint("account", Lower("name"), name="contact_list_name_once"),
            models.CheckConstraint(
                condition=(Q(no_visit_months=None) | Q(no_visit_months__gte=1))
                & (Q(not_written_days=None) | Q(not_written_days__gte=1))
                & Q(back_after_months__gte=1),
                name="contact_list_positive",
            ),
        ]


class ContactListTick(models.Model):
    """Ticked as complete: not on the list until then."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    list = models.ForeignKey(ContactList, on_delete=models.CASCADE, related_name="ticks", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE)
    by = models.CharField(max_length=120)
    at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        db_table = "contact_list_tick"
        constraints = [models.UniqueConstraint(fields=["list", "contact"], name="contact_list_tick_once")]
