//
// Owns: what statements that are written as text say in other words on each engine: places of values, and lists, which
// travel as one JSON text.

import type { Store } from '../store.ts'

type Engine = Store['engine']

/** The place of a value by its number, from 1 on. */
export const placesOn =
  (engine: Engine) =>
  (number: number): string =>
    engine === 'sqlite' ? `?${number}` : `$${number}`

/** Rows out of one JSON array of arrays or numbers, the first value. */
export const each = (engine: Engine): string =>
  engine === 'sqlite' ? 'json_each(?1) AS item' : 'json_array_elements($1::text::json) AS item (value)'

/** Rows out of one JSON array of texts, the value of that number. */
export const eachText = (engine: Engine, number: number, name: string): string =>
  engine === 'sqlite'
    ? `json_each(?${number}) AS ${name}`
    : `json_array_elements_text($${number}::text::json) AS ${name} (value)`
