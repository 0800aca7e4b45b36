"""Tables of characters and words: keyboard rows, look-alikes, misspellings, contractions, synonyms."""
