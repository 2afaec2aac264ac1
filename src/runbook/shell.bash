# Read by bash before every step (BASH_ENV): strictness, the state of the step before, and what is kept at the end.
# The step's own text is the argument of `bash -c`, so bash's messages count its lines and nothing of ours.
unset BASH_ENV
declare +x __rb_dir
__rb_ended=0 __rb_exit=0

# The line of the step's text that is being carried out. Functions of earlier steps and of this file are not in it; the
# place from which they were called is.
__rb_where() {
    local depth
    for ((depth = 2; depth < ${#FUNCNAME[@]}; depth++)); do
        [[ ${BASH_SOURCE[depth]} != environment ]] || break
    done
    __rb_line=${BASH_LINENO[depth - 1]}
}

# Runs for the first failing command, also inside functions, subshells and command substitutions, where errexit
# alone stays silent (`local x=$(false)`): it leaves a mark outside the process and ends the whole step.
__rb_failed() {
    [[ ${FUNCNAME[1]-} != exit ]] || set -- "$__rb_code" "exit $__rb_code"
    __rb_where
    [[ -s $__rb_dir/mark ]] || printf '%s\n%s\n%s' "$1" "$__rb_line" "$2" >>"$__rb_dir/mark"
    # A subshell cannot end its parent, and the parent would go on to the next command: ask it to stop there.
    [[ $BASHPID == "$$" ]] || kill -USR1 "$$" 2>/dev/null
    builtin exit "$1"
}

__rb_stop() {
    local status=1
    [[ ! -s $__rb_dir/mark ]] || read -r status <"$__rb_dir/mark"
    builtin exit "$status"
}

# `exit` is no failing command, and in a substitution nobody looks at its status: there a comparison that fails takes
# its place, so that the trap above sees it wherever bash does not forgive failures.
exit() {
    local __rb_code=${1-$?}
    if ((BASH_SUBSHELL == 0)); then
        __rb_where
        __rb_exit=$__rb_line
    else
        ((__rb_code == 0))
    fi
    builtin exit "$__rb_code"
}

# The last command of every step: the text ran to its end, and gives the status that a script of it would give.
__rb_end() {
    __rb_ended=1
    builtin exit "$1"
}

# Writes the state for the next step. Its first line tells the caller whether the strictness still stood, its last one
# how the text ended; a state without them is of a step that did not end by itself.
__rb_save() {
    local __rb_options=$SHELLOPTS __rb_names
    set +xv
    trap '' USR1
    {
        printf '#%s ' "$__rb_options"
        trap -p ERR
        trap - ERR
        printf '\ncd -- %q\n' "$PWD"
        umask -p
        [[ $BASHOPTS == "$__rb_bashopts" ]] || shopt -p
        [[ $SHELLOPTS == "$__rb_shellopts" ]] || set +o
        set +euf
        shopt -s extglob
        compgen -v -X '@(__rb_*|BASH|BASHOPTS|BASHPID|BASH_*|COMP_*|DIRSTACK|EPOCH*|EUID|FUNCNAME|GROUPS|HISTCMD|LINENO|PIPESTATUS|PPID|PWD|RANDOM|SECONDS|SHELLOPTS|SHLVL|SRANDOM|UID|_)' \
            >|"$__rb_dir/names"
        mapfile -t __rb_names <"$__rb_dir/names"
        declare -p "${__rb_names[@]}" 2>/dev/null
        unset -f exit __rb_where __rb_failed __rb_stop __rb_end __rb_save
        declare -f
        declare -Fx
        printf '#ended %s %s\n' "$__rb_ended" "$__rb_exit"
    } >|"$__rb_dir/state.new"
}

set -eEuo pipefail
shopt -s inherit_errexit
trap '__rb_failed "$?" "$BASH_COMMAND"' ERR
__rb_bashopts=$BASHOPTS __rb_shellopts=$SHELLOPTS
[[ ! -e $__rb_dir/state ]] || . "$__rb_dir/state"
trap __rb_stop USR1
trap __rb_save EXIT
# The state brought the options of the step before: what a step may not switch off is put back.
set -eEuo pipefail +xv
shopt -s inherit_errexit
