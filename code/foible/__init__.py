"""Foible: attacks on machine-learning models, their measurement, and the defences."""
