//
// Owns: the schema written out as a TOML file with every key, its default and its comment.

import type { Entry, Field, Keys, Many, Named, Raw } from './field.ts'

const HEAD = `# MailWok: every key with its default. What is left out keeps its default.
#
# A value can also be given as --set section.key=value, in the environment as MAILWOK_SECTION__KEY (or
# MAILWOK_SECTION__KEY__FILE with the path of a file), or as a systemd credential named section.key; these win over the
# file in that order. In the file, key__FILE = "/path" reads a value from elsewhere.
# Durations: "500ms" "90s" "20m" "12h" "5d". Sizes: "512KB" "25MB" "1GB" (decimal), "1MiB" (binary).
`

const COLUMN = 44

export function exampleToml(schema: Keys): string {
  const blocks = Object.entries(schema).map(([name, entry]) => blockOf(name, entry))
  return `${[HEAD, ...blocks].join('\n')}`
}

function blockOf(path: string, entry: Entry): string {
  switch (entry.kind) {
    case 'section':
      return sectionBlock(path, entry.about, entry.keys)
    case 'many':
      return manyBlock(path, entry)
    case 'named':
      return namedBlock(path, entry)
    case 'field':
      return line(path, entry.fallback, entry.about)
    default:
      return entry satisfies never
  }
}

function sectionBlock(path: string, about: string, keys: Keys): string {
  const own: string[] = []
  const inner: string[] = []
  for (const [name, entry] of Object.entries(keys)) {
    if (entry.kind === 'field') own.push(line(name, entry.fallback, entry.about))
    else inner.push(blockOf(`${path}.${name}`, entry))
  }
  return [`# ${about}\n[${path}]\n${own.join('')}`, ...inner].join('\n')
}

/** There is none by default: the sample stands behind a #. */
function manyBlock(path: string, many: Many<Keys>): string {
  const lines = Object.entries(many.sample).map(([name, raw]) => {
    const entry = many.keys[name.replace(/__FILE$/, '')]
    return `# ${line(name, raw, entry?.kind === 'field' ? entry.about : '')}`
  })
  return `# ${many.about}\n# [[${path}]]\n${lines.join('')}`
}

function namedBlock(path: string, named: Named<Keys>): string {
  const fields = Object.entries(named.keys).filter(
    (pair): pair is [string, Field<unknown>] => pair[1].kind === 'field',
  )
  const blocks = Object.entries(named.builtIn).map(([name, values], i) => {
    const lines = fields.map(([key, field]) =>
      line(key, values[key] ?? field.fallback, i === 0 ? field.about : ''),
    )
    return `[${path}.${name}]\n${lines.join('')}`
  })
  return [`# ${named.about}`, blocks.join('\n')].join('\n')
}

function line(name: string, raw: Raw, about: string): string {
  const setting = `${name} = ${tomlOf(raw)}`
  return about === '' ? `${setting}\n` : `${setting.padEnd(COLUMN - 2)}  # ${about}\n`
}

export const tomlOf = (raw: unknown): string =>
  Array.isArray(raw) ? `[${raw.map(tomlOf).join(', ')}]` : JSON.stringify(raw)
