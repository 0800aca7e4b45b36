"""From a sentence to a recipe: by rules, or by a model that is up to it; the result is shown and can be edited."""
