// Owns: running the shared statements that come as text; each text is prepared once.

import type { Database, Statement } from 'bun:sqlite'
import type { Value } from '../rows.ts'
import type { PlainOrBytes, WireStatement } from './wire.ts'

export function statementRunner(db: Database): (statement: WireStatement) => unknown[] {
  const prepared = new Map<string, Statement<unknown, Value[]>>()
  return ({ sql, values }) => {
    let statement = prepared.get(sql)
    if (statement === undefined) {
      statement = db.prepare<unknown, Value[]>(sql)
      prepared.set(sql, statement)
    }
    return statement.all(...values.map(unpacked))
  }
}

const unpacked = (value: PlainOrBytes): Value =>
  typeof value === 'object' && value !== null ? Buffer.from(value.base64, 'base64') : value

export const packed = (value: Value): PlainOrBytes =>
  value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value
