"""The rows of the sample shop `loja`, the same bytes on every machine.

In: the engine (`postgresql` or `mysql`). Out, on stdout: its data as SQL; COPY blocks for psql, INSERTs of 1000 rows
for mysql (LOAD DATA LOCAL is switched off on most servers). Apart from the schema, because both engines get the same
rows and only the notation differs. Standard library only: it runs wherever a runbook runs.

Chance comes from random.Random(integer).random() alone: Python promises that exactly this sequence never changes, and
does not promise it for randint, choice, sample and shuffle.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import re
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

Row = tuple[Any, ...]
Kinds = dict[str, Callable[[Any], str]]
SEED, LOT = 20180217, 1000
CLIENTES, PRODUTOS, PEDIDOS, AUDITORIA = 8_000, 2_000, 20_000, 4_700

# Columns as `name:kind`: n number, t text, b boolean, x binary, j JSON, l list, d date or time, z instant in UTC.
COLUMNS = {
    "clientes": "id:n codigo:t nome:t apelido:t email:t nascimento:d ativo:b limite_credito:n indicado_por:n"
    " preferencias:j foto:x observacao:t criado_em:z atualizado_em:z",
    "produtos": "id:n sku:t nome:t descricao:t preco:n custo:n peso_kg:n lancado_em:d adquirido_em:z etiquetas:l"
    " atributos:j descontinuado:b",
    "estoque": "produto_id:n deposito:t quantidade:n reservado:n contado_em:z",
    "pedidos": "id:n numero:t cliente_id:n status:t realizado_em:z fuso:t entrega_prevista:d entrega_horario:d"
    " subtotal:n frete:n desconto:n cupom:t endereco:j observacao:t",
    "itens": "pedido_id:n linha:n produto_id:n quantidade:n preco_unitario:n presente:b",
    "pagamentos": "id:n pedido_id:n parcela:n metodo:t valor:n taxa:n pago_em:z comprovante:x resposta:j",
    "auditoria": "momento:d tabela:t operacao:t chave:t autor:t antes:j depois:j",
}

# Texts that break a careless dump, restore, check or viewer.
TEXTS = (
    "", "Não é \"simples\" nem 'fácil'", "barra \\ dupla \\\\ e no fim \\", "coluna\tcoluna", "\nlinha\r\nlinha\rfim\n",
    "\\N", "\\.", "\\x41", "NULL", "null", "0", " espaço nas pontas ", "\u00a0\u200b\ufeff",
    "emoji 😀 👩🏽\u200d💻 🇧🇷 𝔘", "cafe\u0301 e café", "ÀÉÎÕÜ çñ ß İı ﷽ 日本語 한국어 עברית", "'; DROP TABLE x; --",
    "$$ $1 :dono %s {0} `crase`", "DELIMITER //\n//", "fim\n-- Dump completed on 2020-01-01  0:00:00\n",
    "\n-- PostgreSQL database dump complete\n", "ERROR 1064 (42000) at line 1: Error", "controle \x01\x1a\x1b[31m\x7f",
    "/* comentário */ -- # ;", "longo " * 800,
)  # fmt: skip
EVERY_BYTE = bytes(range(256)) * 2
NOMES = (
    "Ana", "Antônio", "Caetano", "Cecília", "Davi", "Estêvão", "Fátima", "Gonçalo", "Helena", "Inês", "João", "José",
    "Lívia", "Márcia", "Núbia", "Otávio", "Patrícia", "Quitéria", "Raí", "Simão", "Thaís", "Úrsula", "Vitória",
)  # fmt: skip
SOBRENOMES = (
    "Araújo", "Brandão", "Conceição", "D'Ávila", "Estrêla", "Figueirêdo", "Gusmão", "Hölderlin", "Itaboraí", "Jordão",
    "Leão", "Magalhães", "Nuñez", "O'Neill", "Pêra", "Quintão", "Ramalhão", "Sant'Anna", "Távora", "Ücker", "Łukasz",
)  # fmt: skip
COISAS = ("Açucareiro", "Bússola", "Chapéu", "Dicionário", "Espelho", "Fogão", "Gaita", "Hélice", "Ímã", "Luminária")
CIDADES = ("São Paulo", "Brasília", "Maceió", 'Sant\'Ana do "Livramento"', "Tôrres \\ RS", "Fernando de Noronha 🏝")
FUSOS = ("America/Sao_Paulo", "America/Noronha", "America/Rio_Branco", "Asia/Kathmandu", "Europe/Lisbon", "UTC")
STATUS = ("entregue", "enviado", "pago", "aguardando_pagamento", "rascunho", "cancelado", "devolvido")
# Around 1900, around the epoch, in leap years, and at both ends of what MySQL holds.
DATES = (
    None, "1000-01-01", "1572-03-12", "1896-02-29", "1899-12-31", "1900-01-01", "1969-12-31", "1970-01-01",
    "2000-02-29", "9999-12-31",
)  # fmt: skip
HOURS = (None, "00:00:00", "23:59:59")
# Before 1914 São Paulo's offset from UTC has seconds (-03:06:28).
OLD_INSTANTS = (
    None, "1582-10-15 00:00:00.001", "1889-11-15 12:00:00.000", "1913-12-31 23:59:59.999", "1969-12-31 23:59:59.999",
)  # fmt: skip
# Both ends of MySQL's TIMESTAMP; then the two 23:30 of the night in which São Paulo put its clocks back, and the edge
# of that in which it put them forward: as local times without an offset the former cannot be told apart.
INSTANTS = (
    "1970-01-01 00:00:01.000", "2038-01-19 03:14:07.000", "2018-02-18 01:30:00.000", "2018-02-18 02:30:00.000",
    "2018-11-04 02:59:59.999", "2018-11-04 03:00:00.000",
)  # fmt: skip
CUSTOS = (None, f"{'1234567890' * 2}.{'123456789' * 2}", "-0.000000000000000001", "0", f"-{'9' * 20}.{'9' * 18}")
LIMITES = ("0.00", "-1500.50", "999999999999.99", "-999999999999.99", "0.01")
PESOS = (None, "0.1", "1.7976931348623157e+308", "2.2250738585072014e-308", "0", "1e-07", "-273.15")
JSONS = (
    None, "null", "{}", "[]", '""', '{"idioma":"pt-BR","tema":null,"emoji":"😀","aspas":"\\"\\\\\\n\\u00e7"}',
    '{"número":9007199254740993,"fração":-0.1,"lista":[1,[2,[3]],{"a":"\'"}],"":false}',
)  # fmt: skip
ETIQUETAS: tuple[list[str], ...] = ([], [""], ["NULL", "null"], ['a"b', "c\\d", "e,f", "{g}", "h'i", "😀", " "])
DAYS = tuple((date(1930, 1, 1) + timedelta(days=number)).isoformat() for number in range(34_699))  # until 2024
RECENT_DAYS = DAYS[31_046:]  # from 2015
MINUTES = tuple(f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in range(60))


def cents(value: int) -> str:
    """1999 -> 19.99; from integers, because floats would round."""
    return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}"


class Chance:
    """Everything drawn by lot comes from here."""

    def __init__(self) -> None:
        self.random = random.Random(SEED).random  # noqa: S311 - sample data, and it must repeat itself

    def below(self, limit: int) -> int:
        """0 <= number < limit."""
        return int(self.random() * limit)

    def pick(self, values: tuple[Any, ...]) -> Any:
        """One of the values."""
        return values[int(self.random() * len(values))]

    def sometimes(self, values: tuple[Any, ...], otherwise: Any) -> Any:
        """Each of the values once in ten times (NULL and the empty string side by side), else the other."""
        number = self.below(10)
        return values[number] if number < len(values) else otherwise

    def moment(self) -> str:
        """An instant of 2015 to 2024; put together from texts, because datetime takes several times as long."""
        thousandths = self.below(60_000)
        return f"{self.pick(RECENT_DAYS)} {self.pick(MINUTES)}:{thousandths // 1000:02d}.{thousandths % 1000:03d}"


def special(number: int, values: tuple[Any, ...], otherwise: Any) -> Any:
    """The first rows of a table show every special value; the others are ordinary."""
    return values[number - 1] if number <= len(values) else otherwise


def tables() -> Iterator[tuple[str, list[Row]]]:
    """Every table with its rows, each after those that it points to."""
    chance = Chance()
    yield "clientes", [cliente(n, chance) for n in range(1, CLIENTES + 1)]
    precos = [0, 0, 1, 999_999_999, *(100 + chance.below(500_000) for _ in range(PRODUTOS - 3))]
    yield "produtos", [produto(n, precos[n], chance) for n in range(1, PRODUTOS + 1)]
    prateleiras = [(n, deposito) for n in range(1, PRODUTOS + 1) for deposito in ("São Paulo", "Recife")]
    yield "estoque", [estoque(*prateleira, chance) for prateleira in prateleiras]
    yield from vendas(precos, chance)
    auditoria = [registro(chance) for _ in range(AUDITORIA)]
    # The same row twice and three times: sums that cancel out, and DISTINCT, do not notice when a copy is lost.
    yield "auditoria", auditoria + auditoria[:200] + auditoria[:100]


def cliente(n: int, chance: Chance) -> Row:
    """A customer."""
    nome, criado, start = f"{chance.pick(NOMES)} {chance.pick(SOBRENOMES)}", chance.moment(), chance.below(256)
    foto = EVERY_BYTE[start : start + chance.below(256)] if n % 7 == 0 else None
    return (
        n, f"{chance.below(2**32):08x}-{chance.below(2**16):04x}-4{n % 4096:03x}-8{start:03x}-{n:012x}", nome,
        chance.sometimes((None, ""), nome[:3].lower()), f"{'Cliente' if n % 3 else 'CLIENTE'}.{n}@example.com",
        special(n, DATES, chance.pick(DAYS[:28_124])), n % 11 != 0,
        special(n, LIMITES, cents(chance.below(1_000_000) - 100_000)), n // 2 if n % 4 == 2 else None,
        special(n, JSONS, chance.pick(JSONS)), special(n, (None, b"", EVERY_BYTE, b"\x00", b"\\x41\n'"), foto),
        special(n, TEXTS, chance.pick(TEXTS[:-1]) if n % 5 == 0 else None), criado, criado,
    )  # fmt: skip


def produto(n: int, preco: int, chance: Chance) -> Row:
    """A product; its price is in cents."""
    custo = f"{preco // 200}.{chance.below(10**9):09d}{chance.below(10**9):09d}"
    return (
        n, f"SKU-{n:05d}", f"{chance.pick(COISAS)} nº {n}",
        special(n, TEXTS, chance.sometimes((None, ""), f"Peça nº {n}\nÚnica")), cents(preco), special(n, CUSTOS, custo),
        special(n, PESOS, repr(chance.below(100_000) / 1000)), special(n, DATES, chance.pick(DAYS)),
        special(n, OLD_INSTANTS, chance.moment()), special(n, ETIQUETAS, [chance.pick(COISAS), "promoção"]),
        special(n, JSONS[2:], f'{{"cor":"âmbar","medidas":[{chance.below(99)},{chance.below(99)}]}}'), n % 13 == 0,
    )  # fmt: skip


def estoque(n: int, deposito: str, chance: Chance) -> Row:
    """How much of a product is in one place; negative when more was sold than there was."""
    return (n, deposito, chance.below(500) - 20, chance.below(30), chance.sometimes((None,), chance.moment()))


def vendas(precos: list[int], chance: Chance) -> Iterator[tuple[str, list[Row]]]:
    """Orders, their items and their payments; the sums agree with each other."""
    pedidos: list[Row] = []
    itens: list[Row] = []
    pagamentos: list[Row] = []
    cidades = tuple(json.dumps(cidade, ensure_ascii=False) for cidade in CIDADES)
    for n in range(1, PEDIDOS + 1):
        subtotal = 0
        for linha in range(1, (1, 2, 3, 2, 3)[n % 5] + 1):
            codigo, quantidade = 1 + chance.below(PRODUTOS), 1 + chance.below(4)
            subtotal += quantidade * precos[codigo]
            itens.append((n, linha, codigo, quantidade, cents(precos[codigo]), linha == 3))
        frete, desconto = chance.below(9_000), chance.below(5_000) if n % 3 == 0 else 0
        status, realizado = chance.pick(STATUS), special(n, INSTANTS, chance.moment())
        endereco = f'{{"cidade":{chance.pick(cidades)},"cep":"{chance.below(10**8):08d}"}}'
        pedidos.append((
            n, f"P{n:08d}", 1 + int(chance.random() * chance.random() * CLIENTES), status, realizado,
            chance.pick(FUSOS), special(n, DATES, None), special(n, HOURS, "08:30:00" if n % 4 == 0 else None),
            cents(subtotal), cents(frete), cents(desconto), chance.sometimes((None, "", "É10%"), "BEMVINDO"),
            special(n, JSONS, endereco), special(n, TEXTS, chance.pick(TEXTS[:-1]) if n % 20 == 0 else None),
        ))  # fmt: skip
        for parcela in range(1, 1 + (n % 5 != 0) + (n % 20 == 1)):
            valor, start = (subtotal + frete - desconto) * (-1 if parcela == 2 else 1), chance.below(256)
            pagamentos.append((
                len(pagamentos) + 1, n, parcela, chance.pick(("pix", "cartao", "boleto", "dinheiro")), cents(valor),
                f"{chance.below(3)}.{chance.below(10**6):06d}", None if status == "aguardando_pagamento" else realizado,
                chance.sometimes((None, b""), EVERY_BYTE[start : start + 32]), chance.pick(JSONS),
            ))  # fmt: skip
    yield "pedidos", pedidos
    yield "itens", itens
    yield "pagamentos", pagamentos


def registro(chance: Chance) -> Row:
    """A line of the audit table."""
    return (
        f"{chance.moment()}{chance.below(1000):03d}", chance.pick(("clientes", "pedidos", "produtos")),
        chance.pick(("INSERT", "UPDATE", "DELETE")), chance.sometimes((None, ""), str(chance.below(PEDIDOS))),
        f"{chance.pick(NOMES).lower()}@example.com", chance.pick(JSONS), chance.pick(JSONS),
    )  # fmt: skip


# Most texts need no escape, and looking is much faster than translating.
PG_UNSAFE = re.compile(r"[\\\t\n\r]").search
PG_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
MYSQL_UNSAFE = re.compile(r"[\\'\n\r\x1a]").search
MYSQL_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\x1a": "\\Z"})


def pg_text(value: str) -> str:
    """For COPY."""
    return value.translate(PG_ESCAPES) if PG_UNSAFE(value) else value


def pg_list(values: list[str]) -> str:
    """An array: its elements escaped, and then the whole for COPY."""
    quoted = ('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return pg_text("{" + ",".join(quoted) + "}")


def mysql_text(value: str) -> str:
    """A literal."""
    return f"'{value.translate(MYSQL_ESCAPES)}'" if MYSQL_UNSAFE(value) else f"'{value}'"


PG_KINDS: Kinds = {
    "n": str, "t": pg_text, "b": "ft".__getitem__, "x": lambda v: "\\\\x" + v.hex(), "j": pg_text, "l": pg_list,
    "d": str, "z": lambda v: v + "+00",
}  # fmt: skip
MYSQL_KINDS: Kinds = {
    "n": str, "t": mysql_text, "b": "01".__getitem__, "x": lambda v: f"X'{v.hex()}'", "j": mysql_text,
    "l": lambda v: mysql_text(json.dumps(v, ensure_ascii=False)), "d": lambda v: f"'{v}'", "z": lambda v: f"'{v}'",
}  # fmt: skip


def encode(columns: list[str], rows: list[Row], kinds: Kinds, null: str, comma: str) -> list[str]:
    """One text per row; worked out column by column, which is faster."""
    encoded = [
        [null if value is None else to_text(value) for value in values]
        for to_text, values in zip((kinds[column[-1]] for column in columns), zip(*rows, strict=True), strict=True)
    ]
    return [comma.join(values) for values in zip(*encoded, strict=True)]


def postgresql(table: str, columns: list[str], rows: list[Row]) -> Iterator[str]:
    """One COPY."""
    yield f"SET client_encoding = 'UTF8';\nCOPY {table} ({', '.join(column[:-2] for column in columns)}) FROM stdin;\n"
    yield "\n".join(encode(columns, rows, PG_KINDS, "\\N", "\t"))
    yield "\n\\.\n"


def mysql(table: str, columns: list[str], rows: list[Row]) -> Iterator[str]:
    """INSERTs without the check of foreign keys, a quarter of the time; the tests prove that there is no orphan."""
    insert = f"INSERT INTO {table} ({', '.join(column[:-2] for column in columns)}) VALUES\n("
    values = encode(columns, rows, MYSQL_KINDS, "NULL", ",")
    yield "SET NAMES utf8mb4;\nSET time_zone = '+00:00', foreign_key_checks = 0;\nSTART TRANSACTION;\n"
    for start in range(0, len(values), LOT):
        yield insert + "),\n(".join(values[start : start + LOT]) + ");\n"
    yield "COMMIT;\nSET foreign_key_checks = 1;\n"


def main() -> None:
    """Write everything to stdout."""
    parser = argparse.ArgumentParser(description="Escreve na saída padrão os dados da loja: sempre os mesmos bytes.")
    parser.add_argument("banco", choices=("postgresql", "mysql"), help="o banco de dados que vai ler a saída")
    script = postgresql if parser.parse_args().banco == "postgresql" else mysql
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # when the client ends early, its message is the one to be seen
    gc.disable()  # a short life with 100,000 tuples and no cycles
    for table, rows in tables():
        for piece in script(table, COLUMNS[table].split(), rows):
            sys.stdout.buffer.write(piece.encode("utf-8"))  # always UTF-8 and \n, whatever the locale and the system


if __name__ == "__main__":
    main()
