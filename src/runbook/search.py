"""What a reader may type for the words of the site: a search index and synonyms in, a larger index out; pure.

The search of the theme knows neither accents nor plurals, and looks for beginnings of words. So each entry gets fields
that are searched and never shown. Apart from the plugin, which alone knows where MkDocs writes the index.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import snowballstemmer

from . import entries
from .markup import unaccented

# The theme gives a title 1000 and a text 1: what was typed as it stands comes first, unless a person led it elsewhere.
FIELDS = {"lead": {"boost": 3000.0}, "fold_title": {"boost": 300.0}, "fold": {"boost": 0.3}}
# A wrong turn is found by its own words, but after all that is right: people copy the first command they see.
WRONG = ("Caminhos errados", "Caminho errado: ", 0.001)  # where they begin, what each is called, and its boost
_AFTER_WRONG = ("Apague o que sobrou", "Referências")
ACCENTS = 3  # so many in one word, and each may be missing alone: "restauraçao"
# Singular and plural, the accented first; the last that fits is taken for a word that ends in a vowel.
_PLURALS = (
    ("ão", "ões"), ("al", "ais"), ("el", "éis"), ("el", "eis"), ("ol", "óis"), ("ul", "uis"), ("il", "is"), ("m", "ns"),
    ("r", "res"), ("z", "zes"), ("a", "as"), ("e", "es"), ("i", "is"), ("o", "os"), ("u", "us"),
)  # fmt: skip
_stem = snowballstemmer.stemmer("portuguese").stemWord


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Words that mean the same, and words that lead to one page, by its address."""

    groups: tuple[tuple[str, ...], ...] = ()
    pages: tuple[tuple[str, str], ...] = ()


def read(file: Path) -> Synonyms:
    """The synonyms of a file, none without it: entries of `words`, parted by commas, and those of a `page` too.

    Raises:
        RunbookFormatError: the file is not of this form, or a group has only one word.
    """
    groups, pages = [], []
    for entry in entries.read(file, ("words",), ("page",)):
        if page := entry.texts.get("page"):
            pages.append((page, entry.texts["words"]))
            continue
        group = tuple(word.strip().casefold() for word in entry.texts["words"].split(","))
        if len(group) < 2 or not all(re.fullmatch(r"\w+", word) for word in group):
            raise entry.wrong("words", "um grupo tem duas palavras ou mais, uma a uma, com vírgulas entre elas")
        groups.append(group)
    return Synonyms(tuple(groups), tuple(pages))


def unknown(text: str, synonyms: Synonyms) -> list[str]:
    """The pages of the synonyms that are not in an index."""
    known = {_address(doc) for doc in json.loads(text)["docs"]}
    return [page for page, _ in synonyms.pages if page not in known]


def folded(text: str, synonyms: Synonyms) -> str:
    """The index with these fields: what leads to a page, all forms of each title, and those of each page's text.

    A part of a page gets the words of its own text without accents, and no more: an index is carried to a phone.
    """
    index: dict[str, Any] = json.loads(text)
    docs: list[dict[str, Any]] = index["docs"]
    of_page: dict[str, set[str]] = {}
    texts = {doc["location"]: set(words(doc["text"])) for doc in docs}
    for doc in docs:
        of_page.setdefault(_page(doc), set()).update(words(doc["title"]), texts[doc["location"]])
    forms = _Forms(set().union(*of_page.values()), synonyms.groups)
    for doc in docs:
        title, own, address = words(doc["title"]), texts[doc["location"]], _address(doc)
        lead = {word for page, text in synonyms.pages if page == address for word in words(text)}
        doc["lead"] = _joined(_all(accents, lead), ())
        doc["fold_title"] = _joined(_all(accents, forms.of_all(title)), title)
        near = forms.of_all(of_page[_page(doc)]) if "#" not in doc["location"] else own
        doc["fold"] = _joined({unaccented(word) for word in near} | near | set(_parts(doc["text"])), own)
    _mark_wrong(docs)
    index["config"]["fields"].update(FIELDS)
    return json.dumps(index, ensure_ascii=False, separators=(",", ":"))


def words(text: str) -> list[str]:
    """The words of a text that may be HTML: three letters or more, in small letters, no numbers."""
    return re.findall(r"\b[^\W\d_]{3,}\b", _bare(text).casefold())


def accents(word: str) -> set[str]:
    """A word with each choice of its accents left out, itself among them; with too many, with all or none."""
    places = [n for n, letter in enumerate(word) if unaccented(letter) != letter]
    if len(places) > ACCENTS:
        return {word, unaccented(word)}
    choices = (chosen for size in range(len(places) + 1) for chosen in combinations(places, size))
    return {"".join(unaccented(c) if n in chosen else c for n, c in enumerate(word)) for chosen in choices}


def numbers(word: str) -> set[str]:
    """The other number of a word, or what might be it: nobody is harmed by a word that does not exist."""
    found = set()
    for one, many in _PLURALS:
        if word.endswith(many):
            found.add(word.removesuffix(many) + one)
            break
    for one, many in _PLURALS:
        if word.endswith(one):
            found.add(word.removesuffix(one) + many)
            break
    return found


def _mark_wrong(docs: Iterable[dict[str, Any]]) -> None:
    """Puts the wrong turns of each page last, and says in the title what they are."""
    heading, mark, boost = WRONG
    inside = False
    for doc in docs:
        inside = "#" in doc["location"] and doc["title"] not in _AFTER_WRONG and (inside or doc["title"] == heading)
        if inside:
            doc["boost"] = boost
            doc["title"] = doc["title"] if doc["title"] == heading else mark + doc["title"]


class _Forms:
    """What else may be typed for each word: those of the same stem, the other number, synonyms, without accents."""

    def __init__(self, known: set[str], groups: Sequence[Sequence[str]]) -> None:
        self._families: dict[str, set[str]] = {}
        for word in known.union(*groups):
            self._families.setdefault(_stem(word), set()).add(word)
        self._others: dict[str, set[str]] = {}
        for group in groups:
            for word in group:
                self._others.setdefault(_stem(word), set()).update(group)
        self._found: dict[str, set[str]] = {}

    def of_all(self, words: Iterable[str]) -> set[str]:
        """The forms of some words, themselves among them."""
        return _all(self._of, words)

    def _of(self, word: str) -> set[str]:
        if word not in self._found:
            stem = _stem(word)
            near = {word} | self._families.get(stem, set()) | self._others.get(stem, set())
            self._found[word] = near | numbers(word)
        return self._found[word]


def _parts(text: str) -> Iterator[str]:
    """`prisma_migrations` and `migrations` of `_prisma_migrations`: what is typed is the beginning of a word."""
    for word in re.findall(r"\w*_\w+", _bare(text).casefold()):
        pieces = [piece for piece in word.split("_") if piece]
        yield from ("_".join(pieces[n:]) for n in range(len(pieces)))


def _all(forms: Callable[[str], set[str]], words: Iterable[str]) -> set[str]:
    return set().union(*map(forms, words))


def _joined(found: set[str], there: Iterable[str]) -> str:
    """Only what is not there already, and is not the beginning of the next: the search looks for beginnings."""
    kept = sorted(found - set(there))
    return " ".join(one for one, following in pairwise([*kept, ""]) if not following.startswith(one))


def _address(doc: dict[str, Any]) -> str:
    """Where an entry leads; a page as it is called on a server, though in a folder it is a file: `a/b.html`."""
    location: str = doc["location"]
    return re.sub(r"\.html$", "/", re.sub(r"(^|/)index\.html$", r"\1", location))


def _page(doc: dict[str, Any]) -> str:
    location: str = doc["location"]
    return location.partition("#")[0]


def _bare(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", text))
