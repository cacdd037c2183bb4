"""One row a defence."""

ROWS = []
