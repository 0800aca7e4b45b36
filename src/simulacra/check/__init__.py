"""Is this row fit to be delivered: one file per check."""
