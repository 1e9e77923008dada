//
// Owns: putting single values into a TOML text so that everything else in it, comments above all, stays as it is. Pure.
// Never: what keys mean, or files.

import { parse } from 'smol-toml'
import { fault, ok, type Result } from '../core/result.ts'
import { findPlaces } from './places.ts'

export type TomlValue = string | number | boolean

/** Dotted, `server.hostname`; what stands in lists is numbered, `relay.0.host`. */
export interface Setting {
  readonly key: string
  readonly value: TomlValue
}

export interface Differing extends Setting {
  readonly found: unknown
}

/** What stands in the text under this key; undefined where nothing does. The text has been parsed before. */
export function valueIn(toml: string, key: string): unknown {
  let value: unknown = parse(toml)
  for (const part of key.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, part)
  }
  return value
}

/** The fault is the key that nobody but a person can set there, such as one in an inline table. */
export function setIn(toml: string, settings: readonly Setting[]): Result<string, string> {
  let text = toml
  for (const { key, value } of settings) {
    if (valueIn(text, key) === value) continue
    const edited = edit(text, key, value)
    if (edited === null || !holds(edited, key, value)) return fault(key)
    text = edited
  }
  return ok(text)
}

const holds = (toml: string, key: string, value: TomlValue): boolean => {
  try {
    return valueIn(toml, key) === value
  } catch {
    return false
  }
}

/** Key, equals sign and blanks; the value; what follows it, a comment mostly. */
const ASSIGNMENT = /^(\s*[^=#]+=\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#[{]+)(.*)$/

function edit(toml: string, key: string, value: TomlValue): string | null {
  const lines = toml.split('\n')
  const places = findPlaces(toml)
  const place = places.get(key)
  const dot = key.lastIndexOf('.')
  const [table, name] = [key.slice(0, dot), key.slice(dot + 1)]
  if (place !== undefined) {
    const at = place.line - 1
    const [, before, , after] = ASSIGNMENT.exec(lines[at] ?? '') ?? []
    if (before === undefined) return null
    return lines.with(at, `${before}${literal(value)}${after}`).join('\n')
  }
  const heading = places.get(table)
  if (heading !== undefined) {
    if (!(lines[heading.line - 1] ?? '').trimStart().startsWith('[')) return null
    return lines.toSpliced(lastOf(lines, heading.line), 0, `${name} = ${literal(value)}`).join('\n')
  }
  const inList = /^(.*)\.\d+$/.exec(table)
  const opened = inList === null ? `[${table}]` : `[[${inList[1]}]]`
  const gap = toml.trim() === '' ? '' : '\n\n'
  return `${toml.trimEnd()}${gap}${opened}\n${name} = ${literal(value)}\n`
}

/** Behind the lines that follow the heading without a gap, so that keys stand in the order in which they were set. */
function lastOf(lines: readonly string[], heading: number): number {
  let at = heading
  while (/^\s*[\w"'.-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^[{"'\s][^"'[{]*)\s*(?:#.*)?$/.test(lines[at] ?? ''))
    at += 1
  return at
}

/** TOML's basic strings are JSON's, but for DEL (TOML 1.0, "String"). */
const literal = (value: TomlValue): string => JSON.stringify(value).replaceAll('\u007f', '\\u007f')
