"""What `allstop doctor` looks at, one function for each check."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from allstop import stop_file
from allstop.actions import identity, sealed_setups, suppression
from allstop.channels.configuration import ConfigError
from allstop.channels.registry import ADAPTERS, check_settings
from allstop.cli.printing import count
from allstop.cli.shapes import Finding
from allstop.store import checkup, ledger, sealing
from allstop.store.models import Account, ChannelSetup

LITTLE_SPACE = 1 << 30  # bytes; PostgreSQL stops when it has none
TOO_LITTLE_SPACE = 100 << 20
CLOCKS_APART = timedelta(seconds=1)


def examine() -> Iterator[Finding]:
    tables = schema()
    yield _ok("database", "It answers.")  # it has: else this is an error that the command tells
    yield tables
    if tables.result == "wrong":
        return  # nothing else can be read
    for look in LOOKS:
        yield from look()


def schema() -> Finding:
    executor = MigrationExecutor(connection)
    steps = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if steps:
        words = f"The tables lack {count(steps, 'step')} to this version. allstop serve brings them up to date."
        return _wrong("schema", words)
    return _ok("schema", "The tables are those of this version.")


def workers() -> Iterator[Finding]:
    now = datetime.now(UTC)
    seen = checkup.workers()
    if not seen:
        yield _look("workers", "No worker runs, so nothing leaves. Start one with: allstop work, or allstop serve.")
    for worker in seen:
        name = f"Worker {worker.id} ({worker.host}, process {worker.pid})"
        silent = (now - (worker.lease_until - timedelta(milliseconds=worker.lease_ms))).total_seconds()
        if worker.is_fenced:
            yield _look("workers", f"{name} is shut out and will be buried; what it held becomes unknown.")
        elif worker.lease_until < now:
            yield _look("workers", f"{name} has been silent for {silent:.0f} s and will be declared dead.")
        else:
            yield _ok("workers", f"{name} renewed its lease {max(silent, 0):.1f} s ago.")


def lanes() -> Iterator[Finding]:
    wrong = checkup.wrong_lanes()
    for lane in wrong:
        state = "open, though a hold closes it" if lane.is_open else "closed, though no hold closes it"
        yield _wrong("lanes", f"Account {lane.account_id}, {lane.channel}: the lane is {state}.")
    missing = checkup.accounts_without_lanes()
    for account_id in missing:
        yield _wrong("lanes", f"Account {account_id} does not have all of its lanes: some messages would never leave.")
    if not wrong and not missing:
        yield _ok("lanes", "Every lane is open or closed as the holds say.")


def tallies() -> Iterator[Finding]:
    wrong = checkup.wrong_tallies()
    if wrong:
        yield _wrong(
            "tallies", f"{count(wrong, 'count differs', 'counts differ')} from the messages: totals are wrong."
        )
    else:
        yield _ok("tallies", "All counts equal the messages.")


def queue() -> Iterator[Finding]:
    found = checkup.astray()
    if found.lost:
        yield _wrong("queue", f"{count(found.lost, 'waiting message is', 'waiting messages are')} not in the queue.")
    if found.left_over:
        yield _wrong(
            "queue", f"{count(found.left_over, 'entry', 'entries')} of the queue belong to no waiting message."
        )
    if not found.lost and not found.left_over:
        yield _ok("queue", "Every waiting message is in the queue, and nothing else is.")


def ledgers() -> Iterator[Finding]:
    chains = [(None, "the installation"), *((one.pk, one.name) for one in Account.objects.order_by("pk"))]
    entries = erased = 0
    broken = False
    for account_id, name in chains:
        match ledger.verify(account_id):
            case int() as good:
                entries += good
                erased += ledger.erased(account_id)
            case ledger.Broken(number, problem):
                broken = True
                yield _wrong("ledger", f"Entry {number} of {name}: {problem}")
    if not broken:
        without = f" {erased:,} of them without what was personal: erased." if erased else ""
        yield _ok("ledger", f"{count(entries, 'entry', 'entries')} in unbroken chains.{without}")


def suppressions() -> Iterator[Finding]:
    if lost := suppression.lost():
        words = f"{count(lost, 'no', 'noes')} of erased persons cannot be recognised: the key is another one."
        yield _wrong("suppression", f"{words} Bring back the file suppression_key, or ALLSTOP_SUPPRESSION_KEY.")
    else:
        yield _ok("suppression", "The key recognises every address of an erased person that had said no.")


def the_stop_file() -> Iterator[Finding]:
    file = stop_file.path(settings.HOME)
    if stop_file.is_there(settings.HOME):
        yield _look("stop_file", f"{file} is there, so this machine sends nothing: {stop_file.reason(settings.HOME)}")
    else:
        yield _ok("stop_file", f"Not there. touch {file} stops everything at once, also without the database.")


def which_database() -> Iterator[Finding]:
    seen = identity.compare(settings.HOME)
    if seen.is_to_be_confirmed:
        words = f"{seen.words} Nothing leaves. Look at what waits, then: allstop confirm-database"
        yield _wrong("identity", words)
    elif not seen.found.identity.system:
        yield _look(
            "identity",
            "This user may not call pg_control_system(), so a copy of the files on another server is found late or "
            "never. Let it: GRANT EXECUTE ON FUNCTION pg_control_system() TO the user of DATABASE_URL.",
        )
    elif seen.confirmed is None:
        yield _ok("identity", "No worker has started yet; the first one takes this database as it is.")
    else:
        yield _ok("identity", f"It is the database that was confirmed by {seen.confirmed.by}.")


def disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.HOME).free
    words = f"{free / (1 << 30):.1f} GB free where {settings.HOME} lies."
    if free < TOO_LITTLE_SPACE:
        yield _wrong("disk", f"{words} The database stops when there is none.")
    elif free < LITTLE_SPACE:
        yield _look("disk", f"{words} That is little.")
    else:
        yield _ok("disk", words)


def clock() -> Iterator[Finding]:
    before = datetime.now(UTC)
    theirs = checkup.database_clock()
    after = datetime.now(UTC)
    apart = max(before - theirs, theirs - after, timedelta(0))
    words = f"This machine and the database's are {apart.total_seconds():.1f} s apart."
    yield _ok("clock", words) if apart < CLOCKS_APART else _look("clock", f"{words} Messages may leave too early.")


def providers() -> Iterator[Finding]:
    setups = list(ChannelSetup.objects.select_related("account").order_by("account_id", "channel"))
    problems = [problem for setup in setups if (problem := _setup(setup)) is not None]
    yield from problems
    if not any(problem.result == "wrong" for problem in problems):
        yield _ok("providers", f"The settings of {count(len(setups), 'channel')} can be read.")


def _setup(setup: ChannelSetup) -> Finding | None:
    of = f"{setup.account.name}, {setup.channel}"
    if not setup.provider:
        return None  # a choice, shown in Setup
    if setup.provider not in ADAPTERS:
        return _wrong("providers", f"{of}: there is no provider named {setup.provider}.")
    try:
        check_settings(setup.provider, sealing.opened(setup.config))
    except ConfigError as error:
        return _wrong("providers", f"{of}: {' '.join(error.faults)}")
    except sealing.CannotOpen as problem:
        return _wrong("providers", f"{of}: {problem}")
    return _look("providers", f"{of}: it does not work at the moment: {setup.broken}") if setup.broken else None


def seals() -> Iterator[Finding]:
    try:
        keys = sealing.read_keys()
    except sealing.CannotOpen as problem:
        yield _wrong("secrets", str(problem))
        return
    plain = sealed_setups.plain()
    if plain:
        yield _look("secrets", f"{count(plain, 'password is', 'passwords are')} not sealed. allstop serve seals them.")
    if keys is None:
        yield _ok("secrets", "No password has been sealed yet, so there is no key.")
    elif keys.file is not None and keys.file.stat().st_mode & 0o077:
        yield _look("secrets", f"Others may read the key file {keys.file}. Take that away: chmod 600 {keys.file}")
    elif not plain:
        yield _ok("secrets", f"Passwords are sealed by the key in {keys.where}. Keep a copy of it.")


LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    workers,
    lanes,
    queue,
    tallies,
    ledgers,
    suppressions,
    the_stop_file,
    which_database,
    disk,
    clock,
    providers,
    seals,
)


def _ok(check: str, words: str) -> Finding:
    return Finding(check=check, result="ok", words=words)


def _look(check: str, words: str) -> Finding:
    return Finding(check=check, result="warning", words=words)


def _wrong(check: str, words: str) -> Finding:
    return Finding(check=check, result="wrong", words=words)
