//
// Owns: reading our own source files as far as the architecture test asks: comments apart, imports, room.

/** A file with what the rules look at. */
export interface Source {
  /** From the root of the checkout, with slashes. */
  readonly path: string
  readonly room: string
  readonly lines: number
  readonly imports: readonly Import[]
  /** The text with comments and the insides of strings blanked out; line breaks stay. */
  readonly code: string
  readonly text: string
}

export interface Import {
  /** `npm:elysia`, `node:fs`, `bun:sqlite`, `bun`, or the path of a file of ours. */
  readonly from: string
  readonly clause: string
}

export function readSource(path: string, text: string): Source {
  const { code, bare } = strip(text)
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
  return { path, room: roomOf(path), lines, imports: importsOf(path, bare), code, text }
}

/** The folder that the table of ARCHITECTURE.md has a line for. */
export function roomOf(path: string): string {
  const parts = path.split('/')
  if (parts[0] === 'cli' || parts[0] === 'scripts' || parts[0] === 'test') return parts[0]
  if (parts.length === 2) return 'root'
  const [, wing = '', inner = ''] = parts
  return ['mail', 'net', 'services', 'edge'].includes(wing) && parts.length > 3 ? `${wing}/${inner}` : wing
}

function importsOf(path: string, code: string): readonly Import[] {
  const found: Import[] = []
  const from = /^[ \t]*(?:import|export)\s+([^'";=]*?)\s*from\s*'([^'\n]+)'/gm
  const bare = /^[ \t]*import\s*'([^'\n]+)'/gm
  const lazy = /\bimport\(\s*'([^'\n]+)'/g
  const worker = /new URL\(\s*'([^'\n]+)',\s*import\.meta/g
  for (const match of code.matchAll(from)) found.push(resolved(path, match[2] ?? '', match[1] ?? ''))
  for (const match of code.matchAll(bare)) found.push(resolved(path, match[1] ?? '', ''))
  for (const match of code.matchAll(lazy)) found.push(resolved(path, match[1] ?? '', ''))
  for (const match of code.matchAll(worker)) found.push(resolved(path, match[1] ?? '', ''))
  return found
}

function resolved(path: string, specifier: string, clause: string): Import {
  if (!specifier.startsWith('.')) {
    const isBuiltIn = /^(?:node|bun):|^bun$/.test(specifier)
    const name = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1)
    return { from: isBuiltIn ? specifier : `npm:${name.join('/')}`, clause }
  }
  const parts = path.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return { from: parts.join('/'), clause }
}

/** `code` without comments and strings, `bare` without comments alone. */
function strip(text: string): { readonly code: string; readonly bare: string } {
  let code = ''
  let bare = ''
  let at = 0
  const take = (end: number, keep: 'both' | 'bare' | 'none'): void => {
    const piece = text.slice(at, end)
    const blank = piece.replace(/[^\n]/g, ' ')
    code += keep === 'both' ? piece : blank
    bare += keep === 'none' ? blank : piece
    at = end
  }
  while (at < text.length) {
    const pair = text.slice(at, at + 2)
    const char = pair[0] ?? ''
    if (pair === '//') take(endOf(text, '\n', at), 'none')
    else if (pair === '/*') take(endOf(text, '*/', at + 2) + 2, 'none')
    else if (char === "'" || char === '"') take(endOfQuoted(text, at, char), 'bare')
    // What stands in `${}` is code too, but no rule needs it: whole templates are blanked.
    else if (char === '`') take(endOfTemplate(text, at), 'bare')
    else if (char === '/' && startsRegExp(code)) take(endOfRegExp(text, at), 'bare')
    else take(at + 1, 'both')
  }
  return { code, bare }
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from)
  return at === -1 ? text.length : at
}

function endOfQuoted(text: string, from: number, quote: string): number {
  let at = from + 1
  while (at < text.length && text[at] !== quote && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function endOfTemplate(text: string, from: number): number {
  let at = from + 1
  while (at < text.length && text[at] !== '`') {
    if (text[at] === '\\') at += 2
    else if (text.startsWith('${', at)) at = endOfHole(text, at + 2)
    else at += 1
  }
  return at + 1
}

function endOfHole(text: string, from: number): number {
  let depth = 1
  let at = from
  while (at < text.length && depth > 0) {
    const char = text[at] ?? ''
    if (char === '`') at = endOfTemplate(text, at)
    else if (char === "'" || char === '"') at = endOfQuoted(text, at, char)
    else {
      if (char === '{') depth += 1
      if (char === '}') depth -= 1
      at += 1
    }
  }
  return at
}

/** A slash divides after a value and opens a regular expression after anything else. */
function startsRegExp(before: string): boolean {
  const last = before.trimEnd()
  return last === '' || /[(,=:[!&|?{};+>]$|\b(?:return|case|typeof|of|in)$/.test(last.slice(-12))
}

function endOfRegExp(text: string, from: number): number {
  let inClass = false
  let at = from + 1
  for (; at < text.length && text[at] !== '\n'; at++) {
    const char = text[at]
    if (char === '\\') at += 1
    else if (char === '[') inClass = true
    else if (char === ']') inClass = false
    else if (char === '/' && !inClass) break
  }
  return at + 1
}
