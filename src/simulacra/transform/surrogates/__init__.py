"""Surrogates: persons, places, organisations, numbers and identifiers of texts replaced by others, consistently."""

from .find import KINDS, find_all
from .knowledge import Knowledge
from .learning import learn_texts
from .secret import KEY_BYTES, Secret, draw_key
from .transform import Surrogates

__all__ = ["KEY_BYTES", "KINDS", "Knowledge", "Secret", "Surrogates", "draw_key", "find_all", "learn_texts"]
