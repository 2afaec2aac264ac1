#!/usr/bin/env bash
# Makes a copy of the sample project for one database: what both have in common, and over it what the engine has of its own.
# In: the folder to make, and `postgresql` or `mysql`. It does not install: `pnpm install` in the copy does.
set -euo pipefail

destino="${1:-}" motor="${2:-}"
loja="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
falhar() {
    printf 'projeto: %s\n' "$1" >&2
    exit 1
}
[[ -n "$destino" && ("$motor" == postgresql || "$motor" == mysql) ]] ||
    falhar 'diga a pasta a criar e o banco: projeto.sh PASTA postgresql, ou projeto.sh PASTA mysql'
[[ ! -e "$destino" ]] || falhar "$destino já existe; escolha uma pasta que não existe"

mkdir -p "$destino"
for parte in projeto "$motor/projeto"; do # without what a developer installed or generated in the repository
    tar -C "$loja/$parte" --exclude=./node_modules --exclude=./src/generated -cf - . | tar -C "$destino" -xf -
done
