"""Runs one mass end: started by mass_ending.py."""

from allstop.dispatch.process import begin, run


def main() -> None:
    of = begin()
    from allstop.actions.mass_end_run import RUNS, run_here

    run(of, run_here, RUNS.put_back)


if __name__ == "__main__":
    main()
