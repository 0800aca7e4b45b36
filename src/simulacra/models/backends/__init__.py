"""One file per backend: a class under `@register("model")` whose `name` comes before the colon in a model's name.

Its constructor takes what follows the colon; it opens nothing before the first call is sent. See `contracts.Backend`.
"""
