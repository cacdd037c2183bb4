"""One module for each place in the life of a model where a defence can stand."""
