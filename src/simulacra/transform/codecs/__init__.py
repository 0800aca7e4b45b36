"""Encodings with both directions, `decode(encode(text)) == text`: what hides a text, and what finds it again."""

from .ciphers import CODECS, TextCodec

__all__ = ["CODECS", "TextCodec"]
