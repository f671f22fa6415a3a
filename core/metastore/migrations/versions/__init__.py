"""One module per step, each knowing the one before it."""
