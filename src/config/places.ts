//
// Owns: on which line and column of a TOML text each key stands, for faults with a caret. Pure.
// Never: values. smol-toml has read the text before and found it well formed; this only looks for where things are.

export interface Place {
  /** Both count from 1. */
  readonly line: number
  readonly column: number
  /** As many columns the caret underlines. */
  readonly width: number
}

/** `server.hostname`, `relay.0.host`: what stands in lists is numbered. */
export type Places = ReadonlyMap<string, Place>

const KEY = /(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')/
const KEYS = new RegExp(`${KEY.source}(?:[ \\t]*\\.[ \\t]*${KEY.source})*`, 'y')
const EACH_KEY = new RegExp(KEY.source, 'g')

export function findPlaces(toml: string): Places {
  const places = new Map<string, Place>()
  const counts = new Map<string, number>()
  const lines = lineStarts(toml)
  let table: readonly string[] = []
  let line = 0
  for (let at = 0; at < toml.length; ) {
    const start = skipBlanks(toml, at)
    while ((lines[line + 1] ?? Number.POSITIVE_INFINITY) <= start) line += 1
    const brackets = toml.startsWith('[[', start) ? 2 : toml[start] === '[' ? 1 : 0
    const keyAt = skipBlanks(toml, start + brackets)
    const keys = keysAt(toml, keyAt)
    if (keys) {
      const path = pathOf(keys, brackets, { table, counts })
      if (brackets > 0) table = path
      const place = { line: line + 1, column: keyAt - (lines[line] ?? 0) + 1, width: keys.width }
      if (!places.has(path.join('.'))) places.set(path.join('.'), place)
    }
    at = endOfStatement(toml, brackets > 0 ? keyAt : start)
  }
  return places
}

function lineStarts(toml: string): readonly number[] {
  const starts = [0]
  for (let at = toml.indexOf('\n'); at !== -1; at = toml.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function pathOf(
  keys: FoundKeys,
  brackets: number,
  seen: { table: readonly string[]; counts: Map<string, number> },
): readonly string[] {
  if (brackets === 0) return [...seen.table, ...keys.names]
  return brackets === 1 ? within(keys, seen.counts) : numbered(keys, seen.counts)
}

/** The place of a key, else of the nearest table around it. */
export function placeOf(places: Places, key: string): Place | null {
  for (let path = key; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('.')))) {
    const place = places.get(path)
    if (place) return place
  }
  return null
}

interface FoundKeys {
  readonly names: readonly string[]
  readonly width: number
}

function keysAt(toml: string, at: number): FoundKeys | null {
  KEYS.lastIndex = at
  const match = KEYS.exec(toml)
  if (!match) return null
  const names = (match[0].match(EACH_KEY) ?? []).map((key) => (/^["']/.test(key) ? key.slice(1, -1) : key))
  return { names, width: match[0].length }
}

function numbered(keys: FoundKeys, counts: Map<string, number>): readonly string[] {
  const path = within(keys, counts, true).join('.')
  const index = counts.get(path) ?? 0
  counts.set(path, index + 1)
  return [...path.split('.'), String(index)]
}

/** `[a.b]` after `[[a]]` belongs to the last `a`. */
function within(keys: FoundKeys, counts: ReadonlyMap<string, number>, heading = false): readonly string[] {
  const path: string[] = []
  for (const [i, name] of keys.names.entries()) {
    path.push(name)
    const seen = counts.get(path.join('.'))
    const isLast = i === keys.names.length - 1
    if (seen !== undefined && !(heading && isLast)) path.push(String(seen - 1))
  }
  return path
}

function skipBlanks(toml: string, from: number): number {
  let at = from
  while (toml[at] === ' ' || toml[at] === '\t') at += 1
  return at
}

/** Behind the line break that ends the statement; breaks inside lists and long strings do not. */
function endOfStatement(toml: string, from: number): number {
  let depth = 0
  let at = from
  while (at < toml.length) {
    const char = toml[at]
    if (char === '#') at = lineEnd(toml, at)
    else if (char === '"' || char === "'") at = endOfString(toml, at)
    else {
      if (char === '\n' && depth <= 0) return at + 1
      if (char === '[' || char === '{') depth += 1
      if (char === ']' || char === '}') depth -= 1
      at += 1
    }
  }
  return toml.length
}

function lineEnd(toml: string, from: number): number {
  const at = toml.indexOf('\n', from)
  return at === -1 ? toml.length : at
}

function endOfString(toml: string, from: number): number {
  const quote = toml.slice(from, from + 1)
  const fence = toml.startsWith(quote.repeat(3), from) ? quote.repeat(3) : quote
  let at = from + fence.length
  while (at < toml.length && !toml.startsWith(fence, at)) at += quote === '"' && toml[at] === '\\' ? 2 : 1
  return at + fence.length
}
