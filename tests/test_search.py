"""A reader who types without accents, in the plural, or by another word, finds the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mkdocs.exceptions import Abort
from playwright.sync_api import Browser, Page

from runbook import search
from runbook.errors import RunbookFormatError

from .samples import build, fence, project, prove, write

# What is typed, and the page that has to be among the first three: production down, the first day, the auditor.
QUERIES = """
o banco caiu                 rollback
produção parada              rollback
rollback                     rollback
P3009                        erros/p3009
p3018                        erros/p3018
P1001                        erros/p1001
P1002                        erros/p1002
ERROR 1045                   erros/error-1045
duplicate key value          erros/duplicate-key-value
migration falhou             runbooks/rollback/falha-postgresql
migration falhou mysql       runbooks/rollback/falha-mysql
migracao falhou              runbooks/rollback/falha-postgresql
reversao                     runbooks/rollback/reversao
reverter migration           runbooks/rollback/reversao
desfazer migration           runbooks/rollback/reversao
restaurar mysql              runbooks/restauracao/logica
restauracao                  runbooks/restauracao/logica
restauraçao                  runbooks/restauracao/logica
restauração                  runbooks/restauracao/logica
restaurações                 runbooks/restauracao/logica
recuperar banco              runbooks/restauracao/logica
restore                      runbooks/restauracao/logica
como restaurar?              runbooks/restauracao/logica
apaguei linhas sem querer    runbooks/restauracao/parcial
recuperar linhas apagadas    runbooks/restauracao/parcial
migration travada            runbooks/producao/bloqueio
lock timeout                 runbooks/producao/bloqueio
primeiro dia                 primeiro-dia
pré-requisitos               runbooks/preparo/verificacao
espaço em disco              runbooks/preparo/verificacao
DATABASE_URL                 runbooks/preparo/credenciais
database url senha           runbooks/preparo/credenciais
senha url                    runbooks/preparo/credenciais
schema.prisma                runbooks/migrations/projeto
seed                         runbooks/migrations/projeto
criar migration              runbooks/migrations/criar
migrate dev                  runbooks/migrations/criar
banco sombra                 runbooks/migrations/criar
migrate deploy               runbooks/migrations/aplicar
aplicar em producao          runbooks/migrations/aplicar
_prisma_migrations           runbooks/migrations/aplicar
prisma_migrations            runbooks/migrations/aplicar
migrate status               runbooks/migrations/conferir
divergencia de schema        runbooks/migrations/conferir
drift                        runbooks/migrations/conferir
migrate reset                runbooks/migrations/recomecar
zerar banco                  runbooks/migrations/recomecar
renomear coluna              runbooks/migrations/expandir
renomear campo               runbooks/migrations/expandir
implantacao                  runbooks/producao/pipeline
implantações                 runbooks/producao/pipeline
github actions               runbooks/producao/pipeline
rede fechada                 rede-fechada
proxy                        rede-fechada
backup testado               runbooks/backup/ensaio
prova de backup              runbooks/backup/ensaio
rpo                          runbooks/backup/ensaio
backups                      runbooks/backup/logico
copia de seguranca           runbooks/backup/logico
--single-transaction         runbooks/backup/logico
impressao digital            runbooks/backup/logico
shadow database              glossario
boas praticas                praticas
manual original              cobertura
sabotagem                    como-escrever
verificacao dos runbooks     verificacao
restaurar backup             runbooks/restauracao/logica
restaurar backup mysql       runbooks/restauracao/logica
Restaurar o backup do MySQL de ontem        runbooks/restauracao/logica
migrate deploy travado nao termina          runbooks/producao/bloqueio
apaguei a tabela sem querer  runbooks/restauracao/parcial
apagaram o banco             rollback
sumiu                        rollback
dropei                       rollback
travado                      rollback
esqueci o where              runbooks/restauracao/parcial
esqueci o where no update    runbooks/restauracao/parcial
bakup                        runbooks/backup/logico
restarurar banco             runbooks/restauracao/logica
como voltar migraton         runbooks/rollback/reversao
Access denied for user       erros/error-1045
Unknown database             erros/unknown-database
versoes testadas             verificacao
em que versões foi testado   verificacao
"""
PAIRS = [tuple(line.rsplit(maxsplit=1)) for line in QUERIES.strip().splitlines()]
# The page talks to its search through a worker: everything that was asked has to be answered.
COUNTED = """
window.asked = 0; window.answered = 0;
const post = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (...message) {
  if (!this.heard) { this.heard = true; this.addEventListener("message", () => window.answered++); }
  window.asked++;
  return post.apply(this, message);
};
"""
SHOWN = "links => links.map(link => new URL(link.href).pathname.replace(/^\\/|\\/$/g, ''))"


@pytest.fixture(scope="module")
def box(chromium: Browser, site_url: str) -> Page:
    """A page of the manual with its search open."""
    page = chromium.new_page()
    page.add_init_script(COUNTED)
    page.goto(f"{site_url}/referencias/", wait_until="networkidle")
    page.locator(".md-search__input").click()
    return page


def found(box: Page, typed: str) -> list[str]:
    """The pages that the search shows, in order."""
    box.locator(".md-search__input").click()
    box.keyboard.press("Control+A")
    box.keyboard.press("Delete")
    box.wait_for_function("document.querySelectorAll('.md-search-result__item').length === 0")
    box.keyboard.type(typed)
    box.wait_for_function("window.asked === window.answered")
    box.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    pages: list[str] = box.eval_on_selector_all(".md-search-result__item > a:first-child", SHOWN)
    return pages


@pytest.mark.parametrize(("typed", "page"), PAIRS)
def test_typed_in_the_box(typed: str, page: str, box: Page) -> None:
    """What one of the three readers types leads to the right page, among the first three."""
    assert page in found(box, typed)[:3]


def test_nothing_is_found_for_nothing(box: Page) -> None:
    """The search still says when there is nothing: it does not simply find everything, and offers two pages."""
    assert found(box, "xilofone") == []
    doors = box.locator(".nada-achado a")
    assert [door.inner_text() for door in doors.all() if door.is_visible()] == ["Deu errado", "Erros comuns"]
    assert found(box, "P3009")[0] == "erros/p3009"
    assert not doors.first.is_visible()
    assert found(box, "P3099") == []  # another error is no slip of the finger


@pytest.mark.parametrize(
    "typed", ["restaurar backup", "restaurar backup mysql", "restore", "esqueci o where no update"]
)
def test_no_wrong_turn_comes_first(typed: str, box: Page) -> None:
    """What the first pages show of themselves is their own procedure, not a wrong turn or a sabotage."""
    found(box, typed)
    shown = ".md-search-result__item:nth-child(-n + 3) > a"
    first: list[str] = box.eval_on_selector_all(shown, "links => links.map(link => link.innerText)")
    assert first
    assert not any(text.startswith(("Caminho errado", "Caminhos errados", "Sabotagem")) for text in first)


def test_no_sabotage_is_found(built_site: Path) -> None:
    """The expressions that a sabotage put into a command are in no entry, and each wrong turn is called one."""
    index = json.loads((built_site / "search/search_index.json").read_text(encoding="utf-8"))
    of_books = {doc["location"]: doc for doc in index["docs"] if doc["location"].startswith("runbooks/")}
    assert not [place for place in of_books if place.endswith("#sabotagem")]
    wrong = of_books["runbooks/restauracao/parcial/#insert-ignore"]
    assert wrong["title"] == "Caminho errado: INSERT IGNORE"
    assert wrong["boost"] < 1


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("migração", "migrações"),
        ("restaurações", "restauração"),
        ("canal", "canais"),
        ("papéis", "papel"),
        ("ordem", "ordens"),
        ("servidor", "servidores"),
        ("vez", "vezes"),
        ("banco", "bancos"),
        ("linhas", "linha"),
    ],
)
def test_numbers(word: str, other: str) -> None:
    """Singular and plural lead to each other."""
    assert other in search.numbers(word)


def test_accents() -> None:
    """Each accent may be missing alone; with too many, all or none."""
    assert search.accents("restauração") == {"restauração", "restauracão", "restauraçao", "restauracao"}
    assert search.accents("banco") == {"banco"}
    assert search.accents("áéíó") == {"áéíó", "aeio"}


def docs(text: str, synonyms: search.Synonyms = search.Synonyms()) -> list[dict[str, str]]:  # noqa: B008 -- frozen
    """One page with one part, folded."""
    index = {
        "config": {"fields": {"title": {"boost": 1000.0}}},
        "docs": [
            {"location": "p/", "title": "Sessão", "text": "<p>Uma <b>cópia</b> &amp; outra</p>"},
            {"location": "p/#a", "title": "Depois", "text": text},
        ],
    }
    folded = json.loads(search.folded(json.dumps(index), synonyms))
    assert folded["config"]["fields"] == {"title": {"boost": 1000.0}, **search.FIELDS}
    found: list[dict[str, str]] = folded["docs"]
    return found


def test_what_is_added() -> None:
    """A page gets the forms of all its words, a part only its own without accents; what is shown stays as it was."""
    page, part = docs("<p>as migrações e <code>_prisma_migrations</code>")
    assert page["text"] == "<p>Uma <b>cópia</b> &amp; outra</p>"
    assert page["title"] == "Sessão"
    assert {"sessao", "sessoes", "sessões"} <= set(page["fold_title"].split())
    assert {"copias", "migracao", "migração", "migracoes"} <= set(page["fold"].split())
    assert set(part["fold"].split()) == {"migracoes", "migrations", "prisma_migrations"}
    assert page["lead"] == part["lead"] == ""


def test_wrong_turns() -> None:
    """They begin with their heading and end with the cleaning up, or with the page."""
    names = [("p/", "P"), ("p/#x", "X"), ("p/#c", "Caminhos errados"), ("p/#y", "Y"), ("p/#a", "Apague o que sobrou")]
    names += [("q/", "Q"), ("q/#c", "Caminhos errados"), ("q/#z", "Z"), ("r/", "R")]
    index = {"config": {"fields": {}}, "docs": [{"location": at, "title": title, "text": ""} for at, title in names]}
    folded = json.loads(search.folded(json.dumps(index), search.Synonyms()))["docs"]
    assert [doc["title"] for doc in folded if "boost" in doc] == [
        "Caminhos errados", "Caminho errado: Y", "Caminhos errados", "Caminho errado: Z",
    ]  # fmt: skip


def test_synonyms() -> None:
    """Another word for one of the same stem finds the page, and what leads to a page is on that page alone."""
    synonyms = search.Synonyms((("cópias", "backup"),), (("p/", "Meu tesouro é"),))
    page, part = docs("nada", synonyms)
    assert "backup" in page["fold"].split()
    assert page["lead"].split() == ["meu", "tesouro"]
    assert part["lead"] == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- words: só", "1: um grupo tem duas palavras ou mais"),
        ("- words: duas palavras, uma", "1: um grupo tem duas palavras ou mais"),
        ("- page: x/\n", "1: falta `words`"),
    ],
)
def test_wrong_synonyms(text: str, message: str, tmp_path: Path) -> None:
    """What is no group of words is an error with file and line."""
    file = tmp_path / "sinonimos.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RunbookFormatError) as caught:
        search.read(file)
    assert f"{file}:{message}" in str(caught.value)


def test_lead_to_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Words that lead to a page which is not there fail the strict build; a list that is wrong ends any."""
    root = project(tmp_path / "projeto")
    write(root / "runbooks", "capitulo/prova", fence("primeiro", "true"))
    prove(root)
    file = root / "docs/sinonimos.yml"
    file.write_text("- page: nada/\n  words: tudo\n", encoding="utf-8")
    with pytest.raises(Abort):
        build(root, tmp_path / "site", strict=True)
    assert "sinonimos.yml: não existe a página `nada/`" in caplog.text
    file.write_text("- words: só\n", encoding="utf-8")
    with pytest.raises(Abort):
        build(root, tmp_path / "site")
    assert f"{file}:1: um grupo tem duas palavras ou mais" in caplog.text
