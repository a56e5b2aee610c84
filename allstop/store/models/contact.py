"""To whom: contacts, their addresses, what stands against writing to them, and the groups they are in."""

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from allstop.rules.facts import Channel
from allstop.rules.markers import MarkerKind
from allstop.store.models.account import Account, Location, Member
from allstop.store.models.closed_sets import one_of


class AddressKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"


class Contact(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="contacts", db_index=False)
    location = models.ForeignKey(Location, on_delete=models.SET_NULL, null=True)
    given_name = models.CharField(max_length=120)
    family_name = models.CharField(max_length=120)
    external_id = models.CharField(max_length=120)  # the source system's id of the person; "" = none
    language = models.CharField(max_length=12)  # BCP 47; "" = the account's own
    country = models.CharField(max_length=2)  # ISO 3166; "" = the account's
    zone = models.CharField(max_length=60)  # IANA name a person has set; "" = worked out from the phones
    zones = ArrayField(models.CharField(max_length=60))  # every zone that the contact may be in; empty = unknown
    created_at = models.DateTimeField()

    class Meta:
        db_table = "contact"
        constraints = [
            models.UniqueConstraint(
                "account", "external_id", condition=~Q(external_id=""), name="contact_external_id_once"
            ),
        ]
        indexes = [
            # the phonebook's order
            models.Index("account", Lower("family_name"), Lower("given_name"), "id", name="contact_by_name"),
            models.Index(fields=["account", "id"], name="contact_of_account"),  # a change of many goes by id
        ]  # search.sql adds contact_words

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def assigned_to(self) -> Member | None:
        return self.assignment.member

    @property
    def assigned_to_id(self) -> int | None:
        return self.assignment.member_id

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """Whose a contact is. Each contact has one row, from the moment it exists (assignment.sql); no member: nobody's.

    A row of its own, so that assigning a million contacts rewrites none of them with all their indexes. Foreign keys as
    of Marker: whoever assigns has locked the contact and holds the member.
    """

    contact = models.OneToOneField(
        Contact, on_delete=models.CASCADE, primary_key=True, related_name="assignment", db_constraint=False
    )
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, db_constraint=False, db_index=False)

    class Meta:
        db_table = "contact_assignment"
        # phonebook filters: whose contacts, and those that are nobody's
        indexes = [models.Index(fields=["account", "member", "contact"], name="contact_assignment_list")]


class Address(models.Model):
    """A phone number (E.164) or an email address of a contact, as rules/addresses.py writes it.

    The account is the contact's own, so its foreign key is not checked again for each of millions.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    # address_once begins with it
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="addresses", db_index=False)
    kind = models.CharField(max_length=5)
    value = models.CharField(max_length=254)
    label = models.CharField(max_length=30)  # "mobile", "home", ...; "" = not said
    position = models.SmallIntegerField()  # the lowest of its kind is tried first

    class Meta:
        db_table = "address"
        constraints = [
            models.UniqueConstraint(fields=["contact", "kind", "value"], name="address_once"),
            one_of("kind", AddressKind, "address_kind"),
        ]
        indexes = [models.Index(fields=["account", "value"], name="address_by_value")]  # whose number is this?


class Marker(models.Model):
    """Flag, Stop All or Stop Promotions on a contact. The row is the marker; taking it away is in the ledger.

    The database checks no foreign key of it: for a million markers set at once that takes longer than all the rest.
    Whoever sets one that stops has locked the contact.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="markers", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=16)
    set_by = models.CharField(max_length=120)  # the name shown in the record, also after the member has left
    set_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    change_id = models.BigIntegerField(null=True)  # the bulk change that set it: what its undo takes away

    class Meta:
        db_table = "marker"
        constraints = [
            models.UniqueConstraint(fields=["contact", "kind"], name="marker_once"),
            one_of("kind", MarkerKind, "marker_kind"),
        ]
        indexes = [models.Index(fields=["account", "kind", "contact"], name="marker_by_kind")]  # phonebook filters


class OptOut(models.Model):
    """The contact's own no. Only the contact can lift it; a lifted one stays as history."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="opt_outs")
    channel = models.CharField(max_length=5, null=True)  # NULL = every channel
    address = models.CharField(max_length=254)  # where the word came from
    words = models.CharField(max_length=300)  # what the contact said
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "opt_out"
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "channel"],
                condition=Q(lifted_at=None),
                name="opt_out_stands_once",
                nulls_distinct=False,
            ),
            one_of("channel", Channel, "opt_out_channel"),
        ]
        indexes = [
            models.Index(fields=["account", "contact"], condition=Q(lifted_at=None), name="opt_out_standing"),
        ]


class Note(models.Model):
    """What a member wrote down about a contact, for colleagues. It is never sent."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="notes")
    by = models.CharField(max_length=120)  # the name, also after the member has left
    at = models.DateTimeField()
    text = models.TextField()

    class Meta:
        db_table = "note"
        indexes = [models.Index(fields=["account", "contact", "-at"], name="note_by_contact")]  # the record


class Group(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=120)
    is_sales = models.BooleanField()  # for promotions: nobody marked Stop Promotions may be in it
    contacts: "models.ManyToManyField[Contact, GroupContact]" = models.ManyToManyField(
        Contact, through="GroupContact", related_name="groups"
    )

    class Meta:
        db_table = "contact_group"  # GROUP is a word of SQL
        constraints = [models.UniqueConstraint("account", Lower("name"), name="group_name_once")]

    def __str__(self) -> str:
        return self.name


class GroupContact(models.Model):
    """A place in a group. Foreign keys as of Marker: whoever adds one has locked the contact."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, db_constraint=False)
    change_id = models.BigIntegerField(null=True)  # the bulk change that added it

    class Meta:
        db_table = "contact_group_contact"
        constraints = [models.UniqueConstraint(fields=["group", "contact"], name="contact_in_group_once")]


class Deletion(models.Model):
    """The contact was deleted from the Phonebook: not in lists nor in auto-complete, but found by a search.

    A row of its own, so that deleting many rewrites no contact. Everything that stands against writing to them stays.
    """

    contact = models.OneToOneField(
        Contact, on_delete=models.CASCADE, primary_key=True, related_name="deletion", db_constraint=False
    )
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    deleted_by = models.CharField(max_length=120)
    deleted_at = models.DateTimeField()
    change_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "contact_deletion"
        indexes = [models.Index(fields=["account", "contact"], name="contact_deletion_list")]
