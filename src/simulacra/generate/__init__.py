"""How data is made: one file per generator."""
