# Read by bash before every step (BASH_ENV): strictness, the state of the step before, and what is kept at the end.
# The step's own text is the argument of `bash -c`, so bash's messages count its lines and nothing of ours.
unset BASH_ENV
declare +x __rb_dir

# Runs for the first failing command, also inside functions, subshells and command substitutions, where errexit
# alone stays silent (`local x=$(false)`): it leaves a mark outside the process and ends the whole step.
__rb_failed() {
    local line=$2
    ((${#FUNCNAME[@]} > 1)) && line=${BASH_LINENO[${#FUNCNAME[@]} - 2]}
    [[ -s $__rb_dir/mark ]] || printf '%s\n%s\n%s' "$1" "$line" "$3" >>"$__rb_dir/mark"
    # A subshell cannot end its parent, and the parent would go on to the next command: ask it to stop there.
    [[ $BASHPID == "$$" ]] || kill -USR1 "$$" 2>/dev/null
    exit "$1"
}

__rb_stop() {
    local status=1
    [[ ! -s $__rb_dir/mark ]] || read -r status <"$__rb_dir/mark"
    exit "$status"
}

# Writes the state for the next step. Its first line tells the caller whether the ERR trap still stood, its last one
# whether the text ran to its end; a state without them is of a step that did not end by itself.
__rb_save() {
    trap '' USR1
    {
        printf '#'
        trap -p ERR
        trap - ERR
        printf '\ncd -- %q\n' "$PWD"
        umask -p
        shopt -p
        set +o
        set +euf
        compgen -v >|"$__rb_dir/names"
        local __rb_name __rb_names=() __rb_all=()
        IFS=$'\n' read -r -d '' -a __rb_all <"$__rb_dir/names"
        for __rb_name in "${__rb_all[@]}"; do
            case $__rb_name in
                BASH | BASHOPTS | BASHPID | BASH_* | __rb_* | COMP_* | DIRSTACK | EPOCH* | EUID | FUNCNAME | GROUPS | \
                    HISTCMD | LINENO | PIPESTATUS | PPID | PWD | RANDOM | SECONDS | SHELLOPTS | SHLVL | SRANDOM | UID | _) ;;
                *) __rb_names+=("$__rb_name") ;;
            esac
        done
        declare -p "${__rb_names[@]}"
        unset -f __rb_failed __rb_stop __rb_save
        declare -f
        declare -Fx
        printf '#ended %s\n' "${__rb_ended:-0}"
    } >|"$__rb_dir/state.new"
}

set -eEuo pipefail
shopt -s inherit_errexit
trap '__rb_failed "$?" "$LINENO" "$BASH_COMMAND"' ERR
[[ ! -e $__rb_dir/state ]] || . "$__rb_dir/state"
trap __rb_stop USR1
trap __rb_save EXIT
# The state brought the options of the step before: what a step may not switch off is put back.
set -eEuo pipefail +xv
shopt -s inherit_errexit
__rb_ended=0
