"""One package for each way in which somebody makes a language model fail."""
