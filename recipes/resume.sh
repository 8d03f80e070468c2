# What recipes share that may be stopped at any time and go on where they were; they source it.

# Run a command unless its output, the last argument, is there: an output that is there is whole.
once() { [ -e "${!#}" ] || "$@"; }

# A folder with its manifest, or a file with its own beside it; for commands that leave more than their output.
complete() { [ -e "$1/manifest.json" ] || [ -e "$1.manifest.json" ]; }

# Make WORK, and refuse one that was made with other values of these variables.
settle() { # NAME...
    local name settings=""
    for name in "$@"; do settings+="${settings:+ }$name=${!name}"; done
    [ "$(cat "$WORK/settings" 2> /dev/null || echo "$settings")" = "$settings" ] ||
        { echo "$WORK was made with $(cat "$WORK/settings"): remove it, or name another WORK" >&2; exit 4; }
    [ "${DRY_RUN:-no}" = yes ] || { mkdir -p "$WORK" && echo "$settings" > "$WORK/settings"; }
}

# The option for a model that PICKLED allows to be a pickle, else nothing. Pickles are read as data (weights_only), yet
# they are for publishers whom you trust: another model of that kind has to be named in PICKLED.
trust() { # MODEL
    if [[ " $PICKLED " = *" $1 "* ]]; then echo --allow-pickle; fi
}
