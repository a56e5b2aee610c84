"""A file per noun."""

from allstop.store.models.account import Account, Location, Member, Token, User
from allstop.store.models.contact import Address, AddressKind, Contact, Group, GroupContact, Marker, OptOut
from allstop.store.models.job import Import, ImportProblem, ImportState, Job, JobSource, Template
from allstop.store.models.ledger import LedgerEntry, LedgerHead
from allstop.store.models.message import (
    Attempt,
    Inbound,
    Inquiry,
    Message,
    OutboxItem,
    Override,
    Receipt,
    Status,
)
from allstop.store.models.queue import Gate, Hold, Lane, QueueEntry, Stop, Tally, TallyChange, Wake, Worker
from allstop.store.models.repeat import RequestKey
from allstop.store.models.setup import ChannelSetup, DeliverySession

__all__ = [
    "Account",
    "Address",
    "AddressKind",
    "Attempt",
    "ChannelSetup",
    "Contact",
    "DeliverySession",
    "Gate",
    "Group",
    "GroupContact",
    "Hold",
    "Import",
    "ImportProblem",
    "ImportState",
    "Inbound",
    "Inquiry",
    "Job",
    "JobSource",
    "Lane",
    "LedgerEntry",
    "LedgerHead",
    "Location",
    "Marker",
    "Member",
    "Message",
    "OptOut",
    "OutboxItem",
    "Override",
    "QueueEntry",
    "Receipt",
    "RequestKey",
    "Status",
    "Stop",
    "Tally",
    "TallyChange",
    "Template",
    "Token",
    "User",
    "Wake",
    "Worker",
]
