"""HTML mail as lines of plain text: what is quoted is marked, what is hidden is not there. Pure.

Nothing is loaded from anywhere. Quotes become lines that begin with ">", as in plain mail; where a
mail program says that everything below is another mail, a line that is `CUT` says so.
"""

import re
from collections.abc import Iterator

from lxml import etree

CUT = "\x10"
"""Alone on a line: below is another mail. Never part of a text otherwise: see `lines.clean`."""

MOST = 2 * 1024 * 1024
"""Characters that are read."""

_SKIPPED = frozenset(
    {"script", "style", "head", "title", "template", "object", "noscript", "xml"}
    | {"s", "strike", "del"}  # struck through, and so taken back
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
    ]
)
_LINED = frozenset({"div", "section", "p", "ul", "ol"})
_SPACED = frozenset(
    ["h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "pre", "table", "blockquote"]
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all"
    r"|text-decoration(?:-line)?\s*:[^;]*line-through|font-size\s*:\s*0(?:\D|$)",
    re.IGNORECASE,
)
_BORDERED_LEFT = re.compile(
    r"border-(?:left|inline-start)(?:-width)?\s*:\s*(?!none|0(?:\D|$)|(?:initial|inherit|unset))",
    re.IGNORECASE,
)
_BORDERED_TOP = re.compile(
    r"border(?:\s*:\s*none\s*;\s*border)?-top\s*:\s*(?:solid\s+#?\w+|#?\w+\s+(?:\d\S*\s+)?solid|1)",
    re.IGNORECASE,
)
_NO_BORDER = re.compile(r"border(?:-left)?\s*:\s*(?:none|0)", re.IGNORECASE)
_INDENTED = re.compile(r"margin(?:-left)?\s*:[^;]*\d", re.IGNORECASE)
_OTHERS = re.compile(
    r"\b(?:x_)?(?:olk_src_body_section|yahoo_quoted|ydp\w*yahoo_quoted|protonmail_quote"
    r"|tutanota_quote|zmail_extra|hushmail_quote|front-blockquote|skiff_quote|mailbox_quote"
    r"|outlookmessageheader|replyforwardedmessage)\b",
    re.IGNORECASE,
)
_FROM_HERE = re.compile(
    r"\b(?:x_)?(?:divrplyfwdmsg|appendonsend|stopspelling|mail-editor-reference-message-container"
    r"|ms-outlook-mobile-reference-message)\b",
    re.IGNORECASE,
)
_RULES = re.compile(r"zwchr")
_WHITE = re.compile(r"[ \t\r\n\f\v]+")
_NEWLINES = re.compile(r"\r\n?|\n")
_TAG = re.compile(r"<[^<>]{0,5000}>")
_ITEM = "* "
_WEB = ("http://", "https://")


def text(html: str) -> str:
    """What a reader sees, and whose it is."""
    root = _tree(html[:MOST].replace("\0", ""))
    if root is None:
        return _TAG.sub(" ", html[:MOST])
    writer = _Writer()
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(element.tag, str):
            continue
        if event == "start":
            writer.open(element)
        else:
            writer.close(element)
    return writer.text()


def _tree(html: str) -> etree._Element | None:
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True
    )
    try:
        return etree.fromstring(html.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return None


class _Writer:
    """Collects lines while the tree is walked."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._depth = 0
        self._hidden = 0
        self._pre = 0
        self._gap = False
        self._last_depth = 0
        self._link: list[str] | None = None

    def open(self, element: etree._Element) -> None:
        """Before what an element holds."""
        tag = str(element.tag).lower()
        if self._hidden or _is_hidden(tag, element):
            self._hidden += 1
            return
        if tag in _BLOCKS:
            self._break(spaced=_is_spaced(tag, element))
        self._enter(tag, element)
        self._say(element.text)

    def close(self, element: etree._Element) -> None:
        """After what an element holds, and the text that follows it."""
        tag = str(element.tag).lower()
        if self._hidden:
            self._hidden -= 1
        else:
            self._leave(tag, element)
        if not self._hidden:
            self._say(element.tail)

    def text(self) -> str:
        """All of it."""
        self._break()
        return "\n".join(self._lines)

    def _enter(self, tag: str, element: etree._Element) -> None:
        if _begins_another(element):
            self._cut()
        self._depth += _is_quote(tag, element)
        self._pre += tag == "pre"
        match tag:
            case "br":
                self._break(even_empty=True)
            case "hr":
                self._cut() if _RULES.search(element.get("id") or "") else self._rule()
            case "li":
                self._line.append(_ITEM)
            case "td" | "th":
                self._line.append(" ")
            case "img":
                self._line.append(_emoji(element.get("alt") or ""))
            case "a":
                self._link = []

    def _leave(self, tag: str, element: etree._Element) -> None:
        if tag == "a" and self._link is not None:
            said, self._link = "".join(self._link), None
            self._line.append(_linked(_WHITE.sub(" ", said), (element.get("href") or "").strip()))
        if tag in _BLOCKS:
            self._break(spaced=_is_spaced(tag, element))
        self._depth -= _is_quote(tag, element)
        self._pre -= tag == "pre"

    def _say(self, words: str | None) -> None:
        if not words:
            return
        words = words.replace(CUT, "")
        if self._link is not None:
            self._link.append(words)
        elif self._pre:
            first, *more = _NEWLINES.split(words)
            self._line.append(first)
            for line in more:
                self._break(even_empty=True)
                self._line.append(line)
        else:
            self._line.append(_WHITE.sub(" ", words))

    def _rule(self) -> None:
        self._write("---")

    def _cut(self) -> None:
        self._break()
        if not self._depth:
            self._lines.append(CUT)

    def _break(self, *, even_empty: bool = False, spaced: bool = False) -> None:
        if self._link is not None:  # a link across blocks: only its words are of use
            said, self._link = self._link, []
            self._line += said
        if self._line == [_ITEM]:
            return  # a paragraph in an item
        line = "".join(self._line)
        line = line.rstrip() if self._pre else _squeezed(line)
        self._line = []
        if line or even_empty:
            self._write(line)
        self._gap = self._gap or spaced

    def _write(self, line: str) -> None:
        """One line; an empty one before it where something stands apart."""
        if self._gap and self._lines and self._lines[-1].strip(" >"):
            self._lines.append(("> " * min(self._depth, self._last_depth)).rstrip())
        self._gap, self._last_depth = False, self._depth
        self._lines.append(self._marks() + line)

    def _marks(self) -> str:
        return "> " * self._depth


def _squeezed(line: str) -> str:
    return re.sub(r" {2,}", " ", line).strip(" ")


def _is_hidden(tag: str, element: etree._Element) -> bool:
    return tag in _SKIPPED or _HIDDEN.search(element.get("style") or "") is not None


def _is_spaced(tag: str, element: etree._Element) -> bool:
    """Whether it stands apart; the paragraphs of Outlook are lines."""
    return tag in _SPACED and not (tag == "p" and "Mso" in (element.get("class") or ""))


def _names(element: etree._Element) -> str:
    return f"{element.get('id') or ''} {element.get('class') or ''} {element.get('name') or ''}"


def _is_quote(tag: str, element: etree._Element) -> bool:
    style = element.get("style") or ""
    if tag != "blockquote":
        lined = tag in _LINED and _BORDERED_LEFT.search(style) is not None
        return lined or _OTHERS.search(_names(element)) is not None
    only_indented = _NO_BORDER.search(style) is not None and _INDENTED.search(style) is not None
    return element.get("type") == "cite" or not only_indented


def _begins_another(element: etree._Element) -> bool:
    """Whether the headers of another mail are what it holds, as Outlook writes them."""
    if _FROM_HERE.search(_names(element)):
        return True
    style = element.get("style") or ""
    return _BORDERED_TOP.search(style) is not None and _has_headers(element)


def _has_headers(element: etree._Element) -> bool:
    """Whether the first words are a label in bold: "From:"."""
    for inner in _first(element, 12):
        words = (inner.text or "").strip()
        if words:
            return inner.tag in {"b", "span", "strong"} and words.endswith((":", "\uff1a", "\xa0"))
    return False


def _first(element: etree._Element, count: int) -> Iterator[etree._Element]:
    for number, inner in enumerate(element.iter(etree.Element)):
        if number >= count:
            return
        yield inner


def _linked(said: str, target: str) -> str:
    """A link as Markdown where its words do not say where it leads."""
    plain = said.strip()
    if not target.lower().startswith(_WEB) or len(target) > 2000:
        return said
    same = target.rstrip("/").removeprefix("https://").removeprefix("http://")
    if not plain or same in plain or " " in target:
        return said
    return f"[{plain}]({target})"


def _emoji(words: str) -> str:
    """The words of a picture, if it is but a small sign."""
    return words if 0 < len(words) <= 8 and not words.isascii() else ""
