"""`python -m allstop`: the command line, for places where no console script is installed."""

from allstop.cli.program import main

main()
