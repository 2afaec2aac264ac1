"""What the command line's own library says, in Portuguese: a group of commands in, the same group out.

Click asks gettext for each of its sentences, and gettext would want a compiled catalogue and a machine that speaks
Portuguese. Apart from `cli` because none of this is about runbooks.
"""

from __future__ import annotations

from types import ModuleType

import click

OPTIONS, COMMAND = "[OPÇÕES]", "COMANDO [ARGUMENTOS]..."
SENTENCES = {
    "Usage:": "Uso:",
    "Options": "Opções",
    "Commands": "Comandos",
    "default: {default}": "padrão: {default}",
    "Show this message and exit.": "Mostra esta ajuda.",
    "Error: {message}": "Erro: {message}",
    "Try '{command} {option}' for help.": "A ajuda está em `{command} {option}`.",
    "Missing argument": "Falta o argumento",
    "Missing option": "Falta a opção",
    "Missing command.": "Falta o comando.",
    "No such command {name!r}.": "Não há o comando {name!r}.",
    "No such option {name!r}.": "Não há a opção {name!r}.",
    "Did you mean {possibility}?": "Você quis dizer {possibility}?",
    "(Did you mean one of: {possibilities}?)": "(Você quis dizer um destes: {possibilities}?)",
    "Invalid value for {param_hint}: {message}": "Valor inválido de {param_hint}: {message}",
    "Invalid value: {message}": "Valor inválido: {message}",
    "Got unexpected extra argument ({args})": "Há um argumento a mais ({args})",
    "Got unexpected extra arguments ({args})": "Há argumentos a mais ({args})",
    "Option {name!r} requires an argument.": "A opção {name!r} quer um valor.",
    "Option {name!r} does not take a value.": "A opção {name!r} não tem valor.",
    "{value!r} is not {choice}.": "{value!r} não é {choice}.",
    "{value!r} is not one of {choices}.": "{value!r} não é um destes: {choices}.",
    "{value!r} is not a valid {number_type}.": "{value!r} não é um número.",
    "{value} is not in the range {range}.": "{value} não está em {range}.",
    "{name} {filename!r} does not exist.": "{filename!r} não existe.",
    "{name} {filename!r} is a directory.": "{filename!r} é uma pasta.",
    "{name} {filename!r} is a file.": "{filename!r} é um arquivo, e não uma pasta.",
    "{name} {filename!r} is not readable.": "{filename!r} não pode ser lido.",
    "{name} {filename!r} is not writable.": "{filename!r} não pode ser escrito.",
}


def portuguese(group: click.Group) -> click.Group:
    """Has Click speak Portuguese, in this process and in all of the group's commands."""
    for module in vars(click).values():
        if isinstance(module, ModuleType):
            for name, said in (("_", _one), ("ngettext", _many)):
                if hasattr(module, name):
                    setattr(module, name, said)
    _metavars(group)
    return group


def _metavars(command: click.Command) -> None:
    command.options_metavar = OPTIONS
    if isinstance(command, click.Group):
        command.subcommand_metavar = COMMAND
        for each in command.commands.values():
            _metavars(each)


def _one(sentence: str) -> str:
    return SENTENCES.get(sentence, sentence)


def _many(singular: str, plural: str, count: int) -> str:
    return _one(singular if count == 1 else plural)
