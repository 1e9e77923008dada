// Owns: what each error of PostgreSQL means to us.

import { expect, test } from 'bun:test'
import { SQL } from 'bun'
import { troubleOf } from '../../../src/store/postgres/faults.ts'
import { StoreUnavailable } from '../../../src/store/store-fault.ts'

const server = (errno: string) =>
  new SQL.PostgresError('no', {
    code: 'ERR_POSTGRES_SERVER_ERROR',
    errno,
    detail: '',
    hint: '',
    severity: 'ERROR',
  })

test.each([
  ['53100', 'full'], // disk_full
  ['53300', 'unavailable'], // too_many_connections
  ['57P01', 'unavailable'], // admin_shutdown
  ['57P03', 'unavailable'], // cannot_connect_now
  ['57014', 'unavailable'], // statement_timeout
  ['55P03', 'unavailable'], // lock_timeout
  ['58030', 'unavailable'], // io_error
  ['25006', 'unavailable'], // a standby
  ['25P03', 'unavailable'], // idle_in_transaction_session_timeout
  ['28P01', 'unavailable'], // the password was changed
  ['08006', 'unavailable'],
  ['XX001', 'unavailable'], // data_corrupted
  ['40001', 'again'],
  ['40P01', 'again'], // deadlock
  ['23505', 'exists'],
  ['22021', 'refused'], // a NUL in text
  ['42601', 'refused'], // a slip in a statement
] as const)('%s is %s', (state, want) => {
  expect(troubleOf(server(state))).toBe(want)
})

test.each([
  [
    'a closed connection',
    new SQL.PostgresError('closed', { code: 'ERR_POSTGRES_CONNECTION_CLOSED' }),
    'unavailable',
  ],
  ['our own word for it', new StoreUnavailable('away'), 'unavailable'],
  ['a bug of ours', new TypeError('x is not a function'), 'refused'],
] as const)('%s is %s', (_name, error, want) => {
  expect(troubleOf(error)).toBe(want)
})
