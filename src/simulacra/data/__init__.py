"""What the data is: schema, reading and writing, codes, personal values, lineage."""
