"""What can be said of a text without a model: words, spans to keep, n-grams, near-duplicates, its language.

Nothing here needs a frame library; numpy is imported by the modules that hash (`ngrams`, `minhash`, `near`).
"""
