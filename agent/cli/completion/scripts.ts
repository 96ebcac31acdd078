import type { Shell } from './shells.ts';

/**
 * What a shell is given to source. All of them ask `otolith complete`, which answers with a line for each candidate (a tab
 * and a few words behind it), and with `:files` where a file may be named.
 */
const scripts: Readonly<Record<Shell, string>> = {
  bash: String.raw`# Completion of otolith for bash: source <(otolith completion bash)
_otolith() {
    local line=\${COMP_LINE:0:COMP_POINT} words current kept="" breaks candidate files=0
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    current=\${words[-1]}
    # Where bash breaks words at : and =, it completes only what comes behind the last of them.
    for breaks in : =; do
        if [[ $COMP_WORDBREAKS == *$breaks* && $current == *$breaks* ]]; then
            candidate=\${current%"\${current##*$breaks}"}
            ((\${#candidate} > \${#kept})) && kept=$candidate
        fi
    done
    COMPREPLY=()
    while IFS=$'\t' read -r candidate _; do
        if [[ $candidate == :files ]]; then files=1; else COMPREPLY+=("\${candidate#"$kept"}"); fi
    done < <("\${COMP_WORDS[0]}" complete -- "\${words[@]:1}" 2>/dev/null)
    if ((files)); then
        local -a paths
        mapfile -t paths < <(compgen -f -- "\${current#"$kept"}")
        COMPREPLY+=("\${paths[@]}")
        compopt -o filenames
    fi
}
complete -F _otolith otolith
`,
  zsh: String.raw`#compdef otolith
# Completion of otolith for zsh: a file _otolith in a folder of fpath, or source <(otolith completion zsh).
_otolith() {
    local -a candidates
    local line value files=0
    local -a asked=("\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}")
    for line in "\${(@f)$("\${(Q)words[1]}" complete -- "\${asked[@]}" 2>/dev/null)}"; do
        if [[ $line == :files ]]; then
            files=1
        elif [[ -n $line ]]; then
            value=\${line%%$'\t'*}
            candidates+=("\${value//:/\\:}:\${line#*$'\t'}")
        fi
    done
    ((\${#candidates})) && _describe -t otolith otolith candidates
    ((files)) && _files
    return 0
}
if [[ $funcstack[1] == _otolith ]]; then _otolith "$@"; else compdef _otolith otolith; fi
`,
  fish: `# Completion of otolith for fish: otolith completion fish | source
function __otolith_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l current (commandline -ct)
    test (count $current) -eq 0; and set current ''
    for line in ($program complete -- $words $current 2>/dev/null)
        if test "$line" = ':files'
            __fish_complete_path $current
        else
            echo $line
        end
    end
end
complete -c otolith -f -a '(__otolith_complete)'
`,
};

export function completionScript(shell: Shell): string {
  return scripts[shell].replaceAll('\\${', '${');
}
