"""report.html: one page that explains itself, without a script and without anything from outside."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup
from numpy.typing import NDArray

from ..contracts import Score
from ..data.schema import Schema
from ..generate.dependencies import Dependencies
from ..measure.association import association_matrix
from ..run.record import RunRecord
from . import words
from .charts import draw_bins, draw_detection, draw_heatmap, draw_interval, draw_levels
from .disclosure import K
from .glossary import FAMILY_QUESTIONS, RISK_QUESTIONS, VERDICTS, define_score, name_score
from .links import draw_links
from .margins import Margin, draw_margins
from .offenders import describe_method, name_offenders
from .public import Public, make_public

__all__ = ["compose_page", "page_template", "render_page"]

_OPEN_PICTURES = 24
_MOST_PICTURES = 120
_MOVED_PAIRS = 6
_MOST_LABELS = 40


@dataclass(frozen=True, slots=True)
class _Heatmap:
    """A picture of associations with its caption."""

    caption: str
    svg: Markup
    labelled: bool


@dataclass(frozen=True, slots=True)
class _Pair:
    """The association of two columns in real and in synthetic rows."""

    place: str
    real: float
    synthetic: float


def render_page(record: RunRecord) -> str:
    """Return the report as one HTML page: verdict first, then why, then pictures, then every number.

    Nothing in it comes from outside; column names and levels are escaped; what is shown of real rows passes
    `disclosure`. Works for a judged data set too, whose record has no recipe and no rejects.
    """
    return compose_page(make_public(record), record)


def compose_page(public: Public, record: RunRecord, links: Dependencies | None = None) -> str:
    """Return the page for a record whose public part is there already; links : what columns were learned from."""
    margins = draw_margins(record.synthetic.frame, record.real, record.synthetic.schema)
    accused = name_offenders(public.assessment, public.schema.names)
    margins.sort(key=lambda margin: list(accused).index(margin.name) if margin.name in accused else len(accused))
    pictured = [margin for margin in margins if margin.form != "words"]
    heatmaps, moved = _draw_associations(record.synthetic.frame, record.real, record.synthetic.schema)
    assessment = public.assessment
    by_name = {score.name: score for score in assessment.scores}
    does, does_not = words.protections(public)
    return page_template("page.html.jinja").render(
        public=public,
        verdict=assessment.verdict,
        headline=words.headline(public),
        standfirst=words.standfirst(public),
        sentences=words.explain(assessment),
        families=[(name, assessment.families[name]) for name in words.families_in_order(assessment)],
        protects=does,
        does_not=does_not,
        detections=[(score, Markup(draw_detection(score))) for score in assessment.scores if _is_detection(score)],
        pictures=[(margin, _draw(margin)) for margin in pictured[:_MOST_PICTURES]],
        unpictured=[margin for margin in margins if margin.form == "words"] + pictured[_MOST_PICTURES:],
        open_pictures=_OPEN_PICTURES,
        accused=accused,
        has_real=record.real is not None,
        heatmaps=heatmaps,
        any_warn=any(result.gate.warn is not None for result in assessment.gates),
        gates=[(result, by_name.get(result.gate.metric)) for result in assessment.gates],
        moved=moved,
        links=None if links is None else Markup(draw_links(links)),
        link_count=0 if links is None else len(links.names),
        scores=[
            (score, result, Markup(draw_interval(score, None if result is None else result.gate)))
            for score, result in words.order_scores(assessment.scores, assessment.gates)
        ],
    )


def _is_detection(score: Score) -> bool:
    return score.state == "ok" and score.value is not None and "detection" in score.name


def _draw(margin: Margin) -> Markup:
    return Markup(draw_bins(margin) if margin.form == "bins" else draw_levels(margin))


def _draw_associations(
    synthetic: pl.DataFrame, real: pl.DataFrame | None, schema: Schema
) -> tuple[list[_Heatmap], list[_Pair]]:
    """Return the associations between columns in real rows, in synthetic rows and their difference; the worst pairs."""
    names, made = association_matrix(synthetic, schema)
    if real is None:
        return _heatmaps(names, [("Synthetic rows", made, False)]), []
    real_names, seen = association_matrix(real, schema)
    shared = [name for name in names if name in real_names]
    made, seen = _pick(made, names, shared), _pick(seen, real_names, shared)
    maps = [
        ("Real rows", seen, False),
        ("Synthetic rows", made, False),
        ("Difference, five times enlarged", made - seen, True),
    ]
    return _heatmaps(shared, maps), _find_moved(shared, seen, made)


def _pick(matrix: NDArray[np.float64], names: list[str], wanted: list[str]) -> NDArray[np.float64]:
    places = [names.index(name) for name in wanted]
    return matrix[np.ix_(places, places)]


def _heatmaps(names: list[str], maps: list[tuple[str, NDArray[np.float64], bool]]) -> list[_Heatmap]:
    """Return the pictures, the first with names beside its rows if they can be read; none for a single column."""
    drawn = []
    for place, (caption, matrix, signed) in enumerate(maps if len(names) > 1 else []):
        labelled = place == 0 and len(names) <= _MOST_LABELS
        svg = draw_heatmap(names, matrix, title=caption, signed=signed, labelled=labelled)
        drawn.append(_Heatmap(caption, Markup(svg), labelled))
    return drawn


def _find_moved(names: list[str], seen: NDArray[np.float64], made: NDArray[np.float64]) -> list[_Pair]:
    rows, columns = np.triu_indices(len(names), 1)
    order = np.argsort(-np.abs(made - seen)[rows, columns], kind="stable")[:_MOVED_PAIRS]
    places = [(int(rows[place]), int(columns[place])) for place in order]
    return [
        _Pair(f"{names[i]} × {names[j]}", round(float(seen[i, j]), 3), round(float(made[i, j]), 3)) for i, j in places
    ]


def _thousandths(value: float, sign: bool = False) -> str:
    return f"{value:{'+' if sign else ''}.3f}".replace("-", "−")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        verdicts=VERDICTS,
        family_questions=FAMILY_QUESTIONS,
        risk_questions=RISK_QUESTIONS,
        k=K,
        say_bound=words.say_bound,
    )
    environment.filters.update(
        sentence=words.sentence,
        number=words.write_number,
        thousandths=_thousandths,
        title_of=name_score,
        meaning=define_score,
        method=describe_method,
        cost_title=words.name_amount,
        amount=words.write_amount,
    )
    return environment


def page_template(name: str) -> Template:
    """Return a template of this room, with the filters and words that pages share."""
    return _environment().get_template(name)
