"""A user's own model: any GGUF file that llama.cpp reads, in this process, `gguf:/path/to/model.gguf`.

The identity of its calls is the file's name and a digest of its content (its length and 17 samples over it), not its
path: the same file elsewhere answers from the same store.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from ...errors import ModelFileError, RecipeError
from ...registry import register
from ._llama import Settings
from ._spoken import InProcess

__all__ = ["Gguf"]

_SAMPLE = 1 << 16


@register("model")
class Gguf(InProcess):
    """A model file in GGUF format, by path; one compute thread, four slots of 4,096 tokens."""

    name = "gguf"

    def __init__(self, path: str = "", *, settings: Settings | None = None) -> None:
        """`path` : of the file. Its content is looked at here (64 kB in 17 places); it is loaded by the first call."""
        if not path:
            raise RecipeError("the model has no path", where="gguf", hint="e.g. gguf:/path/to/model.gguf")
        self.path = Path(path).expanduser()
        identity = f"{self.name}:{self.path.stem}-{_digest(self.path)}"
        super().__init__(identity, lambda: self.path, settings or Settings(slots=4, context=4096))


def _digest(path: Path) -> str:
    hint = "give the path of a model in GGUF format"
    try:
        length = path.stat().st_size
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise ModelFileError("this is no GGUF file", where=str(path), hint=hint)
            content = hashlib.blake2b(str(length).encode(), digest_size=4)
            for step in range(17):
                file.seek(max(0, length - _SAMPLE) * step // 16)
                content.update(file.read(_SAMPLE))
    except OSError as error:
        seen = f"the model cannot be read ({error.strerror})"
        raise ModelFileError(seen, where=str(path), hint=hint) from error
    return content.hexdigest()
