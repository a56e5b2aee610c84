"""Runs one bill run: started by billing.py."""

from allstop.dispatch.process import begin, run


def main() -> None:
    of = begin()
    from allstop.actions.bill_run_slices import RUNS, run_here

    run(of, run_here, RUNS.put_back)


if __name__ == "__main__":
    main()
