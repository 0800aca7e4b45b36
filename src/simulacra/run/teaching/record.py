"""What is known at the end of a distillation."""

from __future__ import annotations

from dataclasses import dataclass

from ...generate.distill.agreement import Held
from ...generate.distill.worth import Arm, Worth
from ..flow.record import TextRecord

__all__ = ["TeachingRecord"]


@dataclass(frozen=True, slots=True)
class TeachingRecord:
    """A finished distillation.

    text : rows, rejects, cost, verdict, as of any run of written rows. worths : what the students say, the chosen one
    first; () without test rows. teacher : the teacher itself on test rows, None if it was not asked. held : who labels
    how well on held-out seeds; used : who refused texts. seeds, real, test : real rows of each use. labelling : the
    teacher labelled real texts and wrote none.
    """

    text: TextRecord
    worths: tuple[Worth, ...] = ()
    teacher: Arm | None = None
    held: tuple[Held, ...] = ()
    used: Held | None = None
    seeds: int = 0
    real: int = 0
    test: int = 0
    labelling: bool = False

    def sentences(self) -> list[str]:
        """Return what the students say, in words."""
        if not self.worths:
            return ["No student was tested: there are no held-out real rows. Give --test FILE."]
        return [line for worth in self.worths[:1] for line in _told(worth, self.teacher)]


def _told(worth: Worth, teacher: Arm | None) -> list[str]:
    seeds, written, both = (worth.arm(name) for name in ("seeds", "written", "seeds and written"))
    assert seeds is not None
    assert written is not None
    assert both is not None
    what = "balanced accuracy" if worth.metric == "balanced" else "accuracy"
    lines = [
        f"a student ({worth.student}) of {seeds.rows} seeds has a {what} of {seeds.value:.3f} on unseen real rows, "
        f"with the {written.rows} made rows beside them {both.value:.3f}: a gain of {worth.gain.value:+.3f} "
        f"({worth.gain.low:+.3f} to {worth.gain.high:+.3f})",
        f"on the made rows alone it has {written.value:.3f} (chance: {worth.chance:.3f})",
    ]
    if (real := worth.arm("real")) is not None:
        lines.append(f"on all {real.rows} real rows given it has {real.value:.3f}; {_replaced(worth)}")
    if teacher is not None:
        lines.append(
            f"the teacher itself has {teacher.value:.3f} ({teacher.low:.3f} to {teacher.high:.3f}, {teacher.rows} rows)"
        )
    return lines


def _replaced(worth: Worth) -> str:
    about, low, high = worth.replaces
    most = worth.by_real[-1].rows
    if about is None and low is None:
        return f"the made rows are worth more than the {most} real rows beyond the seeds"
    middle = f"about {about:.0f}" if about is not None else f"more than {most}"
    ends = f"{0 if low is None else low:.0f} to {f'{high:.0f}' if high is not None else f'more than {most}'}"
    return f"the made rows are worth {middle} real rows beyond the seeds ({ends})"
