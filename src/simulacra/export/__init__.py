"""The formats of others: what was made or found, as other programs read it."""
