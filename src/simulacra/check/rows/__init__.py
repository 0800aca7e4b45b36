"""Is this row of text fit to be delivered: one file per check."""
