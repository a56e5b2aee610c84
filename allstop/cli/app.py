"""The program `allstop`: the list of its commands.

The rule that it guards: a command is in the list or it does not exist. A module in the list has `commands`, a
typer.Typer, and imports nothing of Django's at its top: `allstop --help` must not need a database. A command
that needs one opens `ready()` (ready.py) and imports what it uses inside.
"""

import sys
from types import ModuleType

import typer

from allstop.cli import (
    account_status,
    accounts,
    bench,
    bench_bill_run,
    bench_channel,
    bench_webhooks,
    bills,
    channels,
    config,
    confirm_database,
    contact,
    contact_files,
    contact_lists,
    credit,
    django_command,
    doctor,
    email,
    failed,
    feeds,
    forecast,
    import_,
    inbox,
    invoices,
    jobs,
    lead_files,
    lead_talks,
    leads,
    member_mails,
    message_plans,
    packages,
    receipt,
    replies,
    report,
    sample_reminders,
    scheduled,
    sealing,
    send,
    send_now,
    serve,
    start,
    status,
    stop_link,
    stop_phone,
    switch,
    tickets,
    token,
    unknown,
    webhooks,
    why,
    work,
)
from allstop.postgres_binaries import PostgresProblem

MODULES: tuple[ModuleType, ...] = (
    serve,
    work,
    status,
    switch,
    start,
    forecast,
    receipt,
    scheduled,
    jobs,
    report,
    import_,
    message_plans,
    feeds,
    send,
    send_now,
    unknown,
    failed,
    inbox,
    leads,
    lead_files,
    lead_talks,
    replies,
    why,
    contact,
    contact_lists,
    contact_files,
    accounts,
    account_status,
    packages,
    bills,
    invoices,
    tickets,
    channels,
    config,
    email,
    credit,
    sealing,
    confirm_database,
    token,
    webhooks,
    stop_link,
    stop_phone,
    member_mails,
    doctor,
    sample_reminders,
    bench,
    bench_bill_run,
    bench_channel,
    bench_webhooks,
    django_command,
)

app = typer.Typer(
    name="allstop",
    help="Allstop: an outbound communications desk with one queue, one gate, and a stop that is true.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in MODULES:
    app.add_typer(module.commands)


def main() -> None:
    try:
        app(prog_name="allstop")
    except PostgresProblem as problem:
        print(problem, file=sys.stderr)
        sys.exit(1)
