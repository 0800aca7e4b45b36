"""The transform `surrogates`: the same text about other people."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

from ...contracts.rows import Record, Span
from ...errors import RecipeError
from ...registry import register
from ...seeds import Seeds
from ..editing.edits import Edit
from ..editing.variant import Kind, LabelEffect, variant_of
from .find import KINDS, find_all
from .knowledge import NOTHING, Knowledge
from .replacing import Writer
from .secret import KEY_BYTES, Secret

__all__ = ["Surrogates"]


@register("transform")
class Surrogates:
    """Replaces persons, places, organisations, numbers and identifiers by surrogates; what stands between stays.

    The same value gets the same surrogate in every text and every form: "Anna Müller", "MÜLLER", "A. Müller" and
    anna.mueller@... stay one person. Days move by a constant number of weeks for each text; formats are kept; check
    digits are right where they were. See docs/private-text.md for what is found and how much of it.

    protect, replace : regular expressions of what stays, and of what is an identifier too. kinds : of `KINDS`, None for
    all. key : 32 secret bytes that decide the surrogates; None: they follow from the seed, which is no secret, so that
    whoever knows it can try out names. knowledge : of `learn_texts`. avoid : names in small letters that no
    surrogate is. together : False gives each text surrogates of its own, so that nobody can be followed from one to the
    next.

    Errors: RecipeError for an unknown kind, a key of another length, a pattern that cannot be read.
    """

    name = "surrogates"
    kind: Kind = "generation"
    label: LabelEffect = "keeps"
    keeps: frozenset[str] = frozenset({"negation"})
    cost = 1.5e-3

    def __init__(
        self,
        protect: Sequence[str] = (),
        *,
        replace: Sequence[str] = (),
        kinds: Collection[str] | None = None,
        key: bytes | None = None,
        knowledge: Knowledge = NOTHING,
        avoid: Collection[str] = (),
        together: bool = True,
    ) -> None:
        if key is not None and len(key) != KEY_BYTES:
            raise RecipeError(f"the key has {len(key)} bytes", hint=f"give {KEY_BYTES} bytes, or none: one is drawn")
        if strange := sorted(set(kinds or ()) - set(KINDS)):
            raise RecipeError(f"{strange[0]!r} is no kind of value", hint=f"there are: {', '.join(KINDS)}")
        self.protect, self.replace = tuple(protect), tuple(replace)
        self.kinds = frozenset(KINDS if kinds is None else kinds)
        self.knowledge, self.avoid, self.together = knowledge, frozenset(avoid), together
        self._key = key

    def apply(self, records: Sequence[Record], seeds: Seeds) -> list[Record | None]:
        """Return each record with surrogates, None where nothing is replaced; see `contracts.rows.Transform`."""
        seed = seeds.child(self.name).integer()
        key = self._key or hashlib.blake2b(seed.to_bytes(8, "little"), digest_size=KEY_BYTES).digest()
        return [self._vary(record, Secret(key), seed) for record in records]

    def find(self, text: str, fixed: Sequence[Span] = (), *, knowledge: Knowledge | None = None) -> list[Span]:
        """Return what gets a surrogate in one text. fixed : places that stay. knowledge : of this text, else that of
        all.
        """
        known = knowledge or self.knowledge
        spans = find_all(text, protect=self.protect, replace=self.replace, knowledge=known, fixed=fixed)
        return [span for span in spans if span.name in self.kinds]

    def edits(
        self, text: str, spans: Sequence[Span], secret: Secret, identity: str, *, knowledge: Knowledge | None = None
    ) -> list[Edit]:
        """Return the edits of one text at the places that `find` gave."""
        own = secret if self.together else secret.scoped(identity)
        return Writer(own, identity, self.avoid, knowledge=knowledge or self.knowledge).edits(text, spans)

    def _vary(self, record: Record, secret: Secret, seed: int) -> Record | None:
        fixed = [span for span in record.spans if span.name == "protected"]
        edits = self.edits(record.text, self.find(record.text, fixed), secret, record.identity)
        # The seed told in the lineage is not the key: it is the run's own seed, whatever the key.
        return variant_of(record, edits, self.name, 0 if self._key else seed)
