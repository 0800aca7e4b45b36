"""Texts made private: the same texts about other people, or new texts from attributes; both audited."""
