//
// The examples of docs/people.md, tried as they stand there.

import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bearer, PeopleLab } from './support/people-lab.ts'

const PAGE = readFileSync(join(import.meta.dir, '../docs/people.md'), 'utf8')

test('the login works, and a record of the audit log looks as it is shown', async () => {
  await using people = await PeopleLab.start()
  const login = JSON.parse(/POST \/v1\/sessions\n(\{.*\})/.exec(PAGE)?.[1] ?? '')
  await people.add(login.email, 'owner', 'default', login.password)
  const { body, status } = await people.call('POST', '/v1/sessions', login)
  expect(status).toBe(200)
  const shown = JSON.parse(/```json\n(\{"id": "aud_[^`]*)```/.exec(PAGE)?.[1] ?? '')
  const fields = Object.fromEntries(
    shown.fields.map((name: string) => [name, name === 'url' ? 'https://a.example/' : []]),
  )
  await people.call('POST', '/v1/webhooks', fields, bearer(body.token))
  const log = await people.call('GET', '/v1/audit?limit=1', undefined, bearer(body.token))
  const [record] = log.body.data
  expect(Object.keys(record)).toEqual(Object.keys(shown))
  for (const key of ['action', 'actor_name', 'fields', 'note']) expect(record[key]).toEqual(shown[key])
})
