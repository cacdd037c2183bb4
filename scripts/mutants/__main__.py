"""As `make mutants` calls it."""

from mutants import command

command()
