"""A talk from the slides of several chapters, and what has moved since one was made."""
