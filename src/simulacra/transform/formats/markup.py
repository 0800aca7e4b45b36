"""A small document as Markdown and as HTML: headings, paragraphs, lists, code, and bold, italic, code, links in a line.

A document is a tuple of blocks, a block a tuple: ("heading", level, line), ("paragraph", line), ("list", lines),
("numbered", lines), ("code", text); a line is a tuple of ("text" | "bold" | "italic" | "code", text) and
("link", text, address). Two parts of one kind do not stand side by side.

Not handled: nesting, tables, images, quotes.
"""

from __future__ import annotations

import html
import re
from typing import Any, TypeAlias

from ...errors import DataError

__all__ = ["MARKUP_FORMATS", "Document", "Line"]

Line: TypeAlias = tuple[tuple[str, ...], ...]
Document: TypeAlias = tuple[tuple[Any, ...], ...]

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>&~])")
_TAGS = {"bold": "strong", "italic": "em", "code": "code"}
_MARKS = {"bold": "**", "italic": "_"}
_INLINE_MD = re.compile(
    r"\*\*(?P<bold>(?:\\.|[^*\\])+)\*\*|_(?P<italic>(?:\\.|[^_\\])+)_|(?P<ticks>`+) (?P<code>.+?) (?P=ticks)(?!`)"
    r"|\[(?P<link>(?:\\.|[^\]\\])*)\]\(<(?P<to>(?:\\.|[^>\\])*)>\)|(?P<text>(?:\\.|[^\\*_`\[])+)"
)
_INLINE_HTML = re.compile(
    r"<strong>(?P<bold>[^<]+)</strong>|<em>(?P<italic>[^<]+)</em>|<code>(?P<code>[^<]+)</code>"
    r'|<a href="(?P<to>[^"]*)">(?P<link>[^<]*)</a>|(?P<text>[^<]+)'
)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _bare(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _line_to_markdown(line: Line) -> str:
    parts = []
    for kind, text, *rest in line:
        if kind == "text":
            parts.append(_escaped(text))
        elif kind == "code":
            ticks = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
            parts.append(f"{ticks} {text} {ticks}")
        elif kind == "link":
            parts.append(f"[{_escaped(text)}](<{_escaped(rest[0])}>)")
        else:
            parts.append(f"{_MARKS[kind]}{_escaped(text)}{_MARKS[kind]}")
    return "".join(parts)


def _line_to_html(line: Line) -> str:
    parts = []
    for kind, text, *rest in line:
        shown = html.escape(text)
        if kind == "link":
            parts.append(f'<a href="{html.escape(rest[0])}">{shown}</a>')
        else:
            parts.append(shown if kind == "text" else f"<{_TAGS[kind]}>{shown}</{_TAGS[kind]}>")
    return "".join(parts)


def _line_of(text: str, pattern: re.Pattern[str], bare: Any) -> Line:
    parts: list[tuple[str, ...]] = []
    at = 0
    while at < len(text):
        found = pattern.match(text, at)
        if found is None:
            raise DataError(f"{text[at : at + 40]!r} is not in this small language", hint="see the module's docstring")
        at = found.end()
        groups = found.groupdict()
        if groups["to"] is not None:
            parts.append(("link", bare(groups["link"]), bare(groups["to"])))
        else:
            kind = next(name for name in ("bold", "italic", "code", "text") if groups[name] is not None)
            literal = kind == "code" and bare is _bare
            parts.append((kind, groups[kind] if literal else bare(groups[kind])))
    return tuple(parts)


def _to_markdown(document: Document) -> str:
    blocks = []
    for kind, *rest in document:
        if kind == "heading":
            blocks.append(f"{'#' * rest[0]} {_line_to_markdown(rest[1])}")
        elif kind == "paragraph":
            blocks.append(_line_to_markdown(rest[0]))
        elif kind == "code":
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", rest[0])), default=0))
            blocks.append(f"{fence}\n{rest[0]}\n{fence}")
        else:
            marks = ["-" if kind == "list" else f"{place + 1}." for place in range(len(rest[0]))]
            blocks.append(
                "\n".join(f"{mark} {_line_to_markdown(item)}" for mark, item in zip(marks, rest[0], strict=True))
            )
    return "\n\n".join(blocks) + "\n"


_BLOCK_MD = re.compile(
    r"(?P<fence>`{3,})\n(?P<code>.*?)\n(?P=fence)(?=\n)|(?P<level>#{1,6}) (?P<heading>[^\n]*)"
    r"|(?P<list>- [^\n]*(?:\n- [^\n]*)*)"
    r"|(?P<numbered>\d+\. [^\n]*(?:\n\d+\. [^\n]*)*)|(?P<paragraph>[^\n]+)",
    re.DOTALL,
)


def _of_markdown(text: str) -> Document:
    blocks: list[tuple[Any, ...]] = []
    for found in _BLOCK_MD.finditer(text):
        if found["level"]:
            blocks.append(("heading", len(found["level"]), _line_of(found["heading"], _INLINE_MD, _bare)))
        elif found["code"] is not None:
            blocks.append(("code", found["code"]))
        elif found["paragraph"]:
            blocks.append(("paragraph", _line_of(found["paragraph"], _INLINE_MD, _bare)))
        else:
            kind = "list" if found["list"] else "numbered"
            items = (re.sub(r"^(?:-|\d+\.) ", "", item) for item in found[kind].split("\n"))
            blocks.append((kind, tuple(_line_of(item, _INLINE_MD, _bare) for item in items)))
    return tuple(blocks)


def _to_html(document: Document) -> str:
    blocks = []
    for kind, *rest in document:
        if kind == "heading":
            blocks.append(f"<h{rest[0]}>{_line_to_html(rest[1])}</h{rest[0]}>")
        elif kind == "paragraph":
            blocks.append(f"<p>{_line_to_html(rest[0])}</p>")
        elif kind == "code":
            blocks.append(f"<pre><code>{html.escape(rest[0])}</code></pre>")
        else:
            tag = "ul" if kind == "list" else "ol"
            blocks.append(f"<{tag}>" + "".join(f"<li>{_line_to_html(item)}</li>" for item in rest[0]) + f"</{tag}>")
    return "\n".join(blocks) + "\n"


_BLOCK_HTML = re.compile(
    r"<h(?P<level>[1-6])>(?P<heading>.*?)</h(?P=level)>|<p>(?P<paragraph>.*?)</p>|<pre><code>(?P<code>.*?)</code></pre>"
    r"|<ul>(?P<list>.*?)</ul>|<ol>(?P<numbered>.*?)</ol>",
    re.DOTALL,
)


def _of_html(text: str) -> Document:
    blocks: list[tuple[Any, ...]] = []
    for found in _BLOCK_HTML.finditer(text):
        if found["level"]:
            blocks.append(("heading", int(found["level"]), _line_of(found["heading"], _INLINE_HTML, html.unescape)))
        elif found["code"] is not None:
            blocks.append(("code", html.unescape(found["code"])))
        elif found["paragraph"] is not None:
            blocks.append(("paragraph", _line_of(found["paragraph"], _INLINE_HTML, html.unescape)))
        else:
            kind = "list" if found["list"] is not None else "numbered"
            items = re.findall(r"<li>(.*?)</li>", found[kind], re.DOTALL)
            blocks.append((kind, tuple(_line_of(item, _INLINE_HTML, html.unescape) for item in items)))
    return tuple(blocks)


MARKUP_FORMATS = {"markdown": (_to_markdown, _of_markdown), "html": (_to_html, _of_html)}
"""Name -> (render, parse) of documents."""
