"""The command line: parses, calls `simulacra.api`, prints, exits. One file per verb."""
