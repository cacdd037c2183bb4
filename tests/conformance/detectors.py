"""One row a detector."""

ROWS = []
