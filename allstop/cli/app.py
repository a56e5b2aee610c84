"""The list of the program's commands.

The rule that it guards: a command is in the list or it does not exist. A module in the list has `commands`, a
typer.Typer, and imports nothing of Django's at its top: `allstop --help` must not need a database. A command
that needs one opens `ready()` (ready.py) and imports what it uses inside.
"""

import os
import sys
from types import ModuleType

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
from allstop.cli.printing import Exit
from allstop.cli.program import new_app
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

app = new_app()
for module in MODULES:
    app.add_typer(module.commands)


def main() -> None:
    if odd := [word for word in sys.argv[1:] if not is_utf8(word)]:
        said = os.fsencode(odd[0]).decode("utf-8", "replace")
        print(
            f"{said} is not in UTF-8. Set the terminal to UTF-8; a file with such a name needs another.",
            file=sys.stderr,
        )
        sys.exit(Exit.USAGE)
    try:
        app(prog_name="allstop")
    except PostgresProblem as problem:
        print(problem, file=sys.stderr)
        sys.exit(1)


def is_utf8(word: str) -> bool:
    """Python hands other bytes over as signs that no table and no answer takes."""
    return not any("\ud800" <= sign <= "\udfff" for sign in word)
