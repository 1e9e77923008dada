//
// Owns: completions for three shells, written from the tree of commands.
// Never: runs the executable while somebody types. What is completed is in the script.

import { type Flag, flat, type Verb } from './command-tree.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

export const completionFor = (shell: Shell, program: Verb): string =>
  ({ bash: forBash, zsh: forZsh, fish: forFish })[shell](program)

/** What may stand behind a verb: verbs below it, and its options with the program's own. */
const wordsOf = (verb: Verb, program: Verb): readonly string[] => [
  ...verb.verbs.map((inner) => inner.path.at(-1) ?? ''),
  ...flagsOf(verb, program).flatMap(({ long, short }) => long ?? short ?? []),
]

const flagsOf = (verb: Verb, program: Verb): readonly Flag[] =>
  verb === program ? verb.flags : [...verb.flags, ...program.flags.filter(({ long }) => long !== '--version')]

/** Options whose value is the next word: it is no verb. */
const takers = (program: Verb): readonly string[] => [
  ...new Set(
    flat(program).flatMap(({ flags }) =>
      flags.flatMap(({ takesValue, long, short }) =>
        takesValue ? [long, short].filter((it) => it !== null) : [],
      ),
    ),
  ),
]

const bashCases = (program: Verb): string =>
  flat(program)
    .map((verb) => `    '${verb.path.join(' ')}') words='${wordsOf(verb, program).join(' ')}' ;;`)
    .join('\n')

const choiceCases = (program: Verb): string =>
  flat(program)
    .flatMap((verb) =>
      verb.flags
        .filter(({ choices }) => choices.length > 0)
        .map(({ long, choices }) => `    '${verb.path.join(' ')} ${long}') words='${choices.join(' ')}' ;;`),
    )
    .join('\n')

function forBash(program: Verb): string {
  const paths = flat(program).filter(({ path }) => path.length > 0)
  return `# bash completion for mailwok; made by: mailwok completion bash
_mailwok() {
  local cur prev path='' next word skip='' words=''
  cur=\${COMP_WORDS[COMP_CWORD]}
  prev=\${COMP_WORDS[COMP_CWORD-1]}
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [ -n "$skip" ]; then skip=''; continue; fi
    case $word in
    ${takers(program).join(' | ')}) skip=yes; continue ;;
    -*) continue ;;
    esac
    next="\${path:+$path }$word"
    case $next in
    ${paths.map(({ path }) => `'${path.join(' ')}'`).join(' | ')}) path=$next ;;
    esac
  done
  if [ -n "$skip" ]; then
    case "$path $prev" in
${choiceCases(program)}
    *) compopt -o default; COMPREPLY=(); return ;;
    esac
  else
    case $path in
${bashCases(program)}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [ \${#COMPREPLY[@]} -eq 0 ]; then compopt -o default; fi
}
complete -F _mailwok mailwok
`
}

function forZsh(program: Verb): string {
  const cases = flat(program).map((verb) => {
    const verbs = verb.verbs.map((inner) => `      ${zshWord(inner.path.at(-1) ?? '', inner.says)}`)
    const flags = flagsOf(verb, program).map(
      ({ long, short, says }) => `      ${zshWord(long ?? short ?? '', says)}`,
    )
    return `    '${verb.path.join(' ')}') words=(\n${[...verbs, ...flags].join('\n')}\n    ) ;;`
  })
  const paths = flat(program).filter(({ path }) => path.length > 0)
  return `#compdef mailwok
# zsh completion for mailwok; made by: mailwok completion zsh
_mailwok() {
  local at='' next word skip=''
  local -a given entries
  given=("\${words[@]:1:$((CURRENT - 2))}")
  for word in "\${given[@]}"; do
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in
    ${takers(program).join('|')}) skip=yes; continue ;;
    -*) continue ;;
    esac
    next="\${at:+$at }$word"
    case $next in
    ${paths.map(({ path }) => `'${path.join(' ')}'`).join('|')}) at=$next ;;
    esac
  done
  if [[ -n $skip ]]; then _files; return; fi
  case $at in
${cases.join('\n').replaceAll('words=(', 'entries=(')}
  esac
  _describe -t commands mailwok entries || _files
}
if [ "$funcstack[1]" = _mailwok ]; then _mailwok "$@"; else compdef _mailwok mailwok; fi
`
}

const zshWord = (word: string, says: string): string =>
  `'${word.replaceAll(':', '\\:')}:${quoted(says).replaceAll(':', '\\:')}'`

function forFish(program: Verb): string {
  const lines = flat(program).flatMap((verb) => [
    ...verb.verbs.map(
      (inner) =>
        `complete -c mailwok -n '${fishAt(verb)}' -f -a '${inner.path.at(-1)}' -d '${fish(inner.says)}'`,
    ),
    ...verb.flags.map((flag) => fishFlag(verb, flag)),
  ])
  const paths = flat(program).filter(({ path }) => path.length > 0)
  return `# fish completion for mailwok; made by: mailwok completion fish
function __mailwok_at
  set -l at ''
  set -l skip ''
  for word in (commandline -opc)[2..-1]
    if test -n "$skip"
      set skip ''
      continue
    end
    switch $word
      case ${takers(program).join(' ')}
        set skip yes
        continue
      case '-*'
        continue
    end
    set -l next (string trim "$at $word")
    switch $next
      case ${paths.map(({ path }) => `'${path.join(' ')}'`).join(' ')}
        set at $next
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}
`
}

const fishAt = (verb: Verb): string => `__mailwok_at "${verb.path.join(' ')}"`

function fishFlag(verb: Verb, { long, short, says, takesValue, choices }: Flag): string {
  const name = [short === null ? '' : `-s ${short.slice(1)}`, long === null ? '' : `-l ${long.slice(2)}`]
  const value = choices.length > 0 ? `-x -a '${choices.join(' ')}'` : takesValue ? '-r' : ''
  // The program's own options hold behind every verb.
  const where = verb.path.length === 0 ? '' : `-n '${fishAt(verb)}'`
  return ['complete -c mailwok', where, ...name, value, `-d '${fish(says)}'`]
    .filter((it) => it !== '')
    .join(' ')
}

/** Inside single quotes of sh and zsh. */
const quoted = (text: string): string => text.replaceAll("'", "'\\''")
const fish = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
