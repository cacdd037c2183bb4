"""The rows of the table of promises, a file for each kind."""
