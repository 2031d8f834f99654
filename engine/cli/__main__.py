"""`python -m engine.cli`: the program itself, in an environment that is there already."""

from engine.cli import main

main()
