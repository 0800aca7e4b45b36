"""Passages of documents in a folder: Markdown, HTML, plain text, and PDF where a reader for it is installed."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from ...data.files import read_text
from ...errors import DataError, MissingError

__all__ = ["ENDINGS", "Passage", "join_pages", "read_passages", "split"]

ENDINGS = (".md", ".markdown", ".txt", ".rst", ".html", ".htm", ".pdf")
_BLOCKS = {"p", "div", "li", "tr", "td", "th", "pre", "section", "article", "br", "h1", "h2", "h3", "h4", "h5", "h6"}
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_SHORT = 0.7  # of the longest lines
_SILENT = {"script", "style", "head", "nav", "footer", "template", "noscript"}


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document. source : file name below the folder; title : the headings above it; number : its place."""

    text: str
    source: str
    title: str
    number: int

    @property
    def identity(self) -> str:
        """The name of the passage in lineages: "guide.md#3"."""
        return f"{self.source}#{self.number}"


def read_passages(folder: Path, words: int = 200) -> list[Passage]:
    """Return the passages of all documents below a folder (or of one file), each of about so many words, in path order.

    A passage never crosses a heading and ends with a paragraph where it can. Not handled: tables of PDFs, scans.
    Errors: DataError if there is no document with text, or a PDF of pictures, locked or broken; MissingError for a PDF
    without its reader.
    """
    if not folder.exists():
        raise DataError("there is no such folder of documents", where=str(folder), hint="check the path")
    files = [folder] if folder.is_file() else sorted(path for path in folder.rglob("*") if path.is_file())
    root = folder.parent if folder.is_file() else folder
    found = [
        passage
        for path in files
        if path.suffix.lower() in ENDINGS
        for passage in split(_text(path), path.relative_to(root).as_posix(), words)
    ]
    if not found:
        hint = f"give a folder with text in {', '.join(ENDINGS)} files"
        raise DataError("there is no text to take passages from", where=str(folder), hint=hint)
    return found


def split(text: str, source: str, words: int) -> Iterator[Passage]:
    """Yield the passages of a text in Markdown; headings become titles.

    >>> [(p.title, p.text) for p in split("# A\\n\\none two\\n\\nthree\\n\\n## B\\n\\nfour", "x.md", 3)]
    [('A', 'one two\\n\\nthree'), ('A / B', 'four')]
    """
    number = 0
    for title, body in _sections(text):
        piece: list[str] = []
        for paragraph in _paragraphs(body, words):
            if piece and sum(len(part.split()) for part in piece) + len(paragraph.split()) > words:
                yield Passage("\n\n".join(piece), source, title, number)
                number, piece = number + 1, []
            piece.append(paragraph)
        if piece:
            yield Passage("\n\n".join(piece), source, title, number)
            number += 1


def _sections(text: str) -> Iterator[tuple[str, str]]:
    titles: list[str] = []
    lines: list[str] = []
    fenced = False
    for line in text.splitlines():
        fenced ^= line.lstrip().startswith("```")
        heading = None if fenced else re.match(r"(#{1,6})\s+(.+?)\s*#*$", line)
        if heading is None:
            lines.append(line)
            continue
        yield " / ".join(titles), "\n".join(lines)
        titles = [*titles[: len(heading[1]) - 1], heading[2]]
        lines = []
    yield " / ".join(titles), "\n".join(lines)


def _paragraphs(body: str, words: int) -> Iterator[str]:
    for block in re.split(r"\n\s*\n", body):
        paragraph = block.strip("\n").rstrip()
        if len(paragraph.split()) <= 2 * words:
            if paragraph.strip():
                yield paragraph
            continue
        piece: list[str] = []
        for sentence in re.split(r"(?<=[.!?])\s+", paragraph):  # a paragraph longer than two passages
            if piece and sum(len(part.split()) for part in piece) + len(sentence.split()) > words:
                yield " ".join(piece)
                piece = []
            piece.append(sentence)
        yield " ".join(piece)


def _text(path: Path) -> str:
    if path.suffix.lower() == ".pdf":
        return _pdf(path)
    text = read_text(path, "the document", DataError)
    if path.suffix.lower() in (".html", ".htm"):
        parser = _Html()
        parser.feed(text)
        return parser.text()
    return text


def _pdf(path: Path) -> str:
    try:
        from pypdf import PdfReader
        from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError
    except ModuleNotFoundError as error:
        hint = "pip install 'simulacra[pdf]'"
        raise MissingError("PDF files need the package pypdf", where=str(path), hint=hint) from error
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it has to say of a file is told below
    try:
        pages = [page.extract_text() for page in PdfReader(path).pages]
    except FileNotDecryptedError as error:
        raise DataError("this PDF has a password", where=str(path), hint="save it without one") from error
    except (PyPdfError, DependencyError, ValueError, KeyError, OSError) as error:
        raise DataError(f"this PDF cannot be read ({error})", where=str(path), hint="save it as text") from error
    if not any(page.strip() for page in pages):
        hint = "make its text readable first (ocrmypdf does), or move it elsewhere"
        raise DataError("this PDF has no text, only pictures", where=str(path), hint=hint)
    return join_pages(pages)


def join_pages(pages: Sequence[str]) -> str:
    """Return the text of printed pages: no running heads and feet, an empty line where a paragraph seems to end.

    A line goes that stands, but for its numbers, among the two first or two last of half of three pages or more, or of
    both of two. A paragraph ends with a line that is far shorter than the longest ones, or with a page whose last
    line ends a sentence.

    >>> join_pages(["Guide\\nA long line that goes on and\\nends here.\\nNext one.\\n1", "Guide\\nMore.\\n2"])
    'A long line that goes on and\\nends here.\\n\\nNext one.\\n\\nMore.'
    """
    lines = [[line.strip().translate(_LIGATURES) for line in page.splitlines() if line.strip()] for page in pages]
    edges = Counter(mask for page in lines for mask in {_mask(line) for line in (*page[:2], *page[-2:])})
    running = {mask for mask, count in edges.items() if len(pages) > 1 and count >= max(2, len(pages) / 2)}
    kept = [[line for at, line in enumerate(page) if not _runs(page, at, running)] for page in lines]
    lengths = sorted(len(line) for page in kept for line in page)
    short = _SHORT * lengths[-(-9 * (len(lengths) - 1) // 10)] if lengths else 0
    ends = [[len(line) < short or (line is page[-1] and line[-1] in ".!?…") for line in page] for page in kept]
    marked = ((line, end) for page in zip(kept, ends, strict=True) for line, end in zip(*page, strict=True))
    return "\n".join(line + "\n" * end for line, end in marked).strip()


def _runs(page: list[str], at: int, running: set[str]) -> bool:
    return (at < 2 or at >= len(page) - 2) and _mask(page[at]) in running


def _mask(line: str) -> str:
    return re.sub(r"\d+", "0", line)


class _Html(HTMLParser):
    """Takes the text out of a page, headings as Markdown ones."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._silent += tag in _SILENT
        if tag in _BLOCKS:
            self._parts.append("\n\n")
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self._parts.append("#" * int(tag[1]) + " ")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0
        if tag in _BLOCKS:
            self._parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._parts.append(re.sub(r"\s+", " ", data))

    def text(self) -> str:
        """Return the text, blocks parted by empty lines."""
        return re.sub(r"[ \t]*\n\s*\n\s*", "\n\n", "".join(self._parts)).strip()
