//
// Owns: what a column may hold, as drivers hand it out.

import type { ColumnType } from 'kysely'

/** What a driver may hand out for a 64-bit integer. */
export type Whole = number | bigint | string
export type Int = ColumnType<Whole, number, number>
export type IntOrNull = ColumnType<Whole | null, number | null, number | null>
