"""How a record is varied: one file per family of transforms; machinery lives in the sub-rooms.

`editing` holds edits on offsets and protected spans, `lexicon` word tables, `formats` and `codecs` pairs of render and
parse.
"""
