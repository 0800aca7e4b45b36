"""Twins of texts: new texts written from attributes of real ones, which the model does not see."""
