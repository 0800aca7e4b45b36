"""Columns as small integers and back: the representation every table model works on."""

from .codec import Codec

__all__ = ["Codec"]
