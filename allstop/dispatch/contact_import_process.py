"""Runs one import of contacts, or takes one back: started by contact_importing.py."""

import gc

from allstop.dispatch.process import begin, run


def main() -> None:
    of = begin()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)  # many rows and no cycles: looking for some often costs a tenth of the time
    from allstop.actions.contact_import_run import RUNS, run_here
    from allstop.actions.contact_import_undo import undo_here

    def run_or_undo(import_id: int) -> None:
        run_here(import_id)
        undo_here(import_id)

    run(of, run_or_undo, RUNS.put_back)


if __name__ == "__main__":
    main()
