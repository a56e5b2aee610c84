"""Runs one bulk change: started by changing.py."""

from allstop.dispatch.process import begin, run


def main() -> None:
    of = begin()
    from allstop.actions.bulk_run import RUNS, run_here

    run(of, run_here, RUNS.put_back)


if __name__ == "__main__":
    main()
