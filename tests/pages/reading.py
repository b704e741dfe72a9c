"""A page as somebody sees it at first sight: what is folded away, and what only a pointer shows, is left out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr", "use"}
# Nobody reads these, and <code> marks what is there to be copied: a setting's name, a command, a digest.
UNREAD = {"script", "style", "template", "code", "pre"}
CONTROLS = {"input", "select", "textarea"}


@dataclass
class Control:
    tag: str
    attributes: dict[str, str]
    in_label: bool


@dataclass
class ReadPage(HTMLParser):
    """`words`: what is read at first sight, piece by piece. `spoken`: the names that only a screen reader hears."""

    markup: str
    words: list[str] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)
    title: str = ""
    headings: list[str] = field(default_factory=list)
    landmarks: list[str] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    labelled: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, dict[str, str]]] = []
        self._numbers: Counter[str] = Counter()  # of each tag that is open
        self._folded = [False]  # for each that is open whether it's folded away, and for the page
        self.feed(self.markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "h1":
            self.headings.append("")
        if tag == "main":
            self.landmarks.append(tag)
        if tag == "label" and "for" in attributes:
            self.labelled.add(attributes["for"])
        if tag in CONTROLS and attributes.get("type") not in {"hidden", "submit"}:
            self.controls.append(Control(tag, attributes, self._is_in("label")))
        if not self._folded[-1]:
            self.spoken += [attributes[name] for name in ("aria-label", "placeholder", "alt") if name in attributes]
        if tag not in VOID:
            self._open.append((tag, attributes))
            self._numbers[tag] += 1
            self._folded.append(self._is_folded())

    def handle_endtag(self, tag: str) -> None:
        while self._open and tag not in VOID:
            ended, _ = self._open.pop()
            self._numbers[ended] -= 1
            self._folded.pop()
            if ended == tag:
                return

    def handle_data(self, data: str) -> None:
        said = " ".join(data.replace("\xa0", " ").split())
        if self._is_in("title") and not self._is_in("svg"):
            self.title += f" {said}"
        elif self._is_in("h1"):
            self.headings[-1] += f" {said}"
        if said and not self._folded[-1] and not self._is_in("head"):
            self.words.append(said)

    def _is_in(self, tag: str) -> bool:
        return self._numbers[tag] > 0

    def _is_folded(self) -> bool:
        names = [name for name, _ in self._open]
        if UNREAD.intersection(names):
            return True
        if any("hidden" in attributes for _, attributes in self._open):
            return True
        # Of the innermost fold its summary is seen, unless that fold is in another one.
        folds = [index for index, name in enumerate(names) if name == "details" and not self._is_unfolded(index)]
        return bool(folds) and (len(folds) > 1 or "summary" not in names[folds[0] :])

    def _is_unfolded(self, index: int) -> bool:
        return "open" in self._open[index][1]

    def unlabelled(self) -> Iterator[str]:
        """Controls that have no name to be called by."""
        for control in self.controls:
            named = {"aria-label", "aria-labelledby"}.intersection(control.attributes)
            if not (named or control.in_label or control.attributes.get("id") in self.labelled):
                yield f"{control.tag} {control.attributes.get('name', '')}"
