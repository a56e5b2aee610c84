"""A file per noun."""

from allstop.store.models.account import Account, Location, Member, Token, User
from allstop.store.models.bulk import BulkChange, BulkSlice, ChangeKind, ChangeState
from allstop.store.models.contact import (
    Address,
    AddressKind,
    Contact,
    Deletion,
    Group,
    GroupContact,
    Marker,
    OptOut,
)
from allstop.store.models.job import Import, ImportProblem, ImportState, Job, JobSource, Template
from allstop.store.models.ledger import LedgerEntry, LedgerHead
from allstop.store.models.message import (
    Attempt,
    Inbound,
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
    "BulkChange",
    "BulkSlice",
    "ChangeKind",
    "ChangeState",
    "ChannelSetup",
    "Contact",
    "Deletion",
    "DeliverySession",
    "Gate",
    "Group",
    "GroupContact",
    "Hold",
    "Import",
    "ImportProblem",
    "ImportState",
    "Inbound",
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
