"""Measures of texts, one file each: a class under `@register("text_metric")` that is called with `Texts`."""
