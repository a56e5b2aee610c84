"""Runs one import of leads: started by lead_importing.py."""

from allstop.dispatch.process import begin, run


def main() -> None:
    of = begin()
    from allstop.actions.lead_import import RUNS, run_here

    run(of, run_here, RUNS.put_back)


if __name__ == "__main__":
    main()
