//
// Owns: the manual page, in roff, written from the tree of commands.

import { type Flag, flat, type Verb } from './command-tree.ts'

export function manualOf(program: Verb, version: string): string {
  const lines = [
    `.TH MAILWOK 1 "" "mailwok ${roff(version)}" "MailWok"`,
    '.SH NAME',
    `mailwok \\- ${roff(program.says.replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    '.B mailwok',
    '[options] <command>',
    '.SH OPTIONS',
    'They hold for every command.',
    ...program.flags.flatMap(flagLines),
    '.SH COMMANDS',
    ...flat(program)
      .filter((verb) => verb.path.length > 0)
      .flatMap(verbLines),
    ...REST,
  ]
  return `${lines.join('\n')}\n`
}

function verbLines({ path, says, usage, flags, arguments: given, verbs }: Verb): readonly string[] {
  if (verbs.length > 0 && path.length === 1) return [`.SS mailwok ${roff(path.join(' '))}`, text(says)]
  const asked = usage.replace(/^\[options\]\s*/, flags.length > 0 ? '[options] ' : '')
  return [
    path.length === 1
      ? `.SS mailwok ${roff([...path, asked].join(' ').trim())}`
      : `.PP\n.B mailwok ${roff([...path, asked].join(' ').trim())}\n.RS 4`,
    text(says),
    ...given.flatMap(({ name, says: what }) => (what === '' ? [] : item(`<${name}>`, what))),
    ...flags.filter(({ long }) => long !== '--help').flatMap(flagLines),
    ...(path.length === 1 ? [] : ['.RE']),
  ]
}

const flagLines = ({ flags, says, choices }: Flag): readonly string[] =>
  item(flags, choices.length > 0 ? `${says} (${choices.join(', ')})` : says)

const item = (head: string, says: string): readonly string[] => ['.TP', `.B ${roff(head)}`, text(says)]

/** A line that begins with a dot or a quote would be a request. */
const text = (says: string): string => (says === '' ? '.br' : roff(says).replace(/^(?=[.'])/gm, '\\&'))

/** A hyphen that is to be copied is written as a minus. */
const roff = (plain: string): string => plain.replaceAll('\\', '\\e').replaceAll('-', '\\-')

const REST = [
  '.SH FILES',
  ...item('/etc/mailwok/mailwok.toml', 'the configuration; every key: mailwok config default'),
  ...item('/var/lib/mailwok', 'the store, the master secret and the keys'),
  '.SH ENVIRONMENT',
  ...item('MAILWOK_SECTION__KEY', 'any key of the configuration; wins over the file'),
  '.SH EXIT STATUS',
  ...item('0', 'it is done'),
  ...item('1', 'it failed'),
  ...item('2', 'it was asked for in a wrong way'),
  ...item('3', 'a check found something wrong'),
]
