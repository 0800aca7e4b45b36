"""Judges: models that score a row by criteria, or say which of two texts is better; they may abstain."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ...contracts.rows import Context, Row
from ...errors import RecipeError
from ...registry import register
from ._agreement import read_agreement
from ._judging import Judgement, compare_pair, panel_of, score_row
from ._row import Alone, as_text, named_fields, value_at

__all__ = ["Judge", "Pairwise"]

_FEWEST = 20


@register("row_check")
class Judge(Alone):
    """Rejects a row that judges who proved to agree with people score below `at_least` by a rubric (1 to 5).

    field : what is judged, in the order shown. criteria : names, or name -> meaning. models : roles or names, a judge
    each; () for the run's first model. samples : times each is asked. spread : judges further apart abstain, and the
    row stays. calibration : file of `simulacra.calibrate_judge`. A judge whose agreement with people is not above
    `agreement` (low end of its interval, 20 rows at least), or not known, rejects nothing; its scores are kept with the
    row (`_judgement`). trust : true lets it reject without a calibration.
    """

    name = "judge"

    def __init__(
        self,
        field: str | Sequence[str],
        *,
        criteria: Sequence[str] | Mapping[str, str],
        at_least: float = 3.0,
        models: Sequence[str] = (),
        samples: int = 1,
        spread: float = 1.5,
        calibration: str = "",
        agreement: float = 0.7,
        trust: bool = False,
    ) -> None:
        self._fields = named_fields(field, self.name)
        self._criteria = dict(criteria) if isinstance(criteria, Mapping) else dict.fromkeys(criteria, "")
        self._least, self._spread = at_least, spread
        self._panel = panel_of(models, samples)
        if not self._criteria:
            raise RecipeError("there are no criteria", where="check judge", hint="e.g. criteria: [correct, clear]")
        if not 1 <= at_least <= 5:
            raise RecipeError(f"no score is {at_least:g}", where="check judge", hint="scores are 1 to 5")
        if samples < 1:
            raise RecipeError("a judge is asked at least once", where="check judge", hint="samples: 1")
        self.may_reject = trust
        if calibration:
            found = read_agreement(calibration)
            if found.judge != self.identity:
                hint = "calibrate this judge, or give the settings it was calibrated with"
                raise RecipeError("the calibration is of another judge", where=calibration, hint=hint)
            self.may_reject = trust or (found.n >= _FEWEST and found.low >= agreement)

    @property
    def identity(self) -> str:
        """What makes it this judge and no other: fields, criteria, bounds and panel."""
        told = [self._fields, self._criteria, self._least, self._spread, self._panel]
        return json.dumps(told, ensure_ascii=False)

    async def verdict(self, row: Row, ask: Any) -> tuple[bool | None, Judgement]:
        """Return whether the row is good (None: the judges abstain), and what they say."""
        said = await score_row(row, ask, fields=self._fields, criteria=self._criteria, panel=self._panel)
        return (None if said.spread > self._spread else said.value >= self._least), said

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return the score and what weighs it down."""
        good, said = await self.verdict(row, context.ask)
        row["_judgement"] = {**said.record(), "good": good, "may_reject": self.may_reject}
        if good is not False or not self.may_reject:
            return None
        worst = min(said.scores, key=said.scores.__getitem__)
        return f"scored {said.value:.1f} of 5, least for {worst}"


@register("row_check")
class Pairwise(Alone):
    """Rejects a pair of answers whose better one is not better by judges asked in both orders.

    field : the prompt. chosen, rejected : fields of the answers. aspects : what counts. margin : least mean verdict,
    from -1 to 1, that counts as better. A judge that changes its mind with the order counts as undecided.
    """

    name = "pairwise"

    def __init__(
        self,
        field: str,
        *,
        aspects: Sequence[str],
        chosen: str = "chosen",
        rejected: str = "rejected",
        models: Sequence[str] = (),
        samples: int = 1,
        margin: float = 0.5,
    ) -> None:
        self._field, self._pair, self._margin = field, (chosen, rejected), margin
        words = [str(aspect) for aspect in aspects]  # YAML reads `yes` as a truth value
        self._aspects = tuple(word.lower() if word in ("True", "False") else word for word in words)
        self._panel = panel_of(models, samples)
        if not self._aspects:
            raise RecipeError("there are no aspects", where="check pairwise", hint="e.g. aspects: [helpful, accurate]")

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return that the pair is the wrong way round, or undecided."""
        texts = tuple(as_text(value_at(row, name) or "") for name in self._pair)
        prompt = as_text(value_at(row, self._field) or "")
        said = await compare_pair(prompt, (texts[0], texts[1]), context.ask, aspects=self._aspects, panel=self._panel)
        row["_comparison"] = {"margin": said.margin, "swayed": said.swayed, "rationales": list(said.rationales)}
        if said.margin >= self._margin:
            return None
        turned = said.margin <= -self._margin
        return "the rejected answer is the better one" if turned else "no answer is clearly better"
