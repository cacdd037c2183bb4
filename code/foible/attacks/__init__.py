"""One module for each way in which somebody makes a learned model fail."""
