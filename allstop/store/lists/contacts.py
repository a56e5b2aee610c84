"""One contact, with what stands against writing to them, and the groups that contacts are in."""

from dataclasses import dataclass

from allstop.store.lists.reading import rows, scalar
from allstop.store.models import Address, Contact, Group, Marker, OptOut


@dataclass(frozen=True, slots=True)
class ContactDetail:
    contact: Contact
    addresses: list[Address]
    markers: list[Marker]
    opt_outs: list[OptOut]  # the lifted ones too, as history


def contact(account_id: int, contact_id: int) -> ContactDetail | None:
    known = Contact.objects.select_related("location", "assignment__member__user")
    found = known.filter(account_id=account_id, pk=contact_id).first()
    if found is None:
        return None
    return ContactDetail(
        found,
        list(found.addresses.order_by("kind", "position", "pk")),
        list(found.markers.order_by("set_at", "pk")),
        list(found.opt_outs.order_by("at", "pk")),
    )


def groups_of(account_id: int, contact_id: int) -> list[Group]:
    return list(Group.objects.filter(account_id=account_id, contacts=contact_id).order_by("name", "pk"))


@dataclass(frozen=True, slots=True)
class GroupRow:
    id: int
    name: str
    is_sales: bool


def groups(account_id: int) -> list[GroupRow]:
    """Without how many are in each: counting a million places takes longer than a page may."""
    sql = "SELECT id, name, is_sales FROM contact_group WHERE account_id = %(account)s ORDER BY lower(name), id"
    return rows(GroupRow, sql, {"account": account_id})


def contacts_version(account_id: int) -> str:
    """Changes with every change of a contact (ledger_of_contacts) and with every slice of a bulk change."""
    sql = """
    SELECT concat_ws('.',
      (SELECT number FROM ledger WHERE account_id = %(account)s AND subject LIKE 'contact%%'
        ORDER BY number DESC LIMIT 1),
      (SELECT concat(id, '-', position, '-', state) FROM bulk_change WHERE account_id = %(account)s
        ORDER BY id DESC LIMIT 1))
    """
    return str(scalar(sql, {"account": account_id}))
