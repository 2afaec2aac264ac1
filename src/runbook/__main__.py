"""`python -m runbook` is the program `runbook`."""

from .cli import main

main()
