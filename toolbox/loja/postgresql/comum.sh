# How the PostgreSQL scripts call psql: no ~/.psqlrc, no prompt, the first error ends it.

# shellcheck shell=bash
source "$(dirname "${BASH_SOURCE[0]}")/../comum.sh"

sql() {
    psql --no-psqlrc --no-password --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 \
        --set=db="$DB" --set=sombra="${DB}_sombra" --set=dono="${DB}_dono" --set=app="${DB}_app" "$@"
}
