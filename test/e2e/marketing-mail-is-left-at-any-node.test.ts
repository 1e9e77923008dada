//
// Two nodes at one PostgreSQL database: a link of one's mail leads to the other, and what is done there holds on both.

import { expect, setDefaultTimeout, test } from 'bun:test'
import { SECOND } from '../../src/core/time.ts'
import { AUTHORIZED, startLab } from '../support/appliance.ts'
import { handClock } from '../support/clock.ts'
import { LAB_START } from '../support/lab-folder.ts'
import { MARKETING, next, oneClick, press, sendAndSee, waysOut } from '../support/leaving.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'

// The first one waits for the cluster to start.
setDefaultTimeout(60_000)

const suite = postgresSuite('PostgreSQL')

test.skipIf(suite.skip)(`${suite.name}: mail of one node is left at the other`, async () => {
  const config = { 'store.url': await freshDatabase() }
  await using one = await startLab({ config })
  await using two = await startLab({
    beside: one,
    clock: handClock(LAB_START),
    config: { ...config, 'server.node': '2' },
  })
  const id = await sendAndSee(one)
  const { path } = waysOut(one)
  expect(await next(one, { stream: 'marketing' })).toBe('queued')
  const answers = await Promise.all([oneClick(two, path), oneClick(one, path), oneClick(two, path)])
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200])
  expect(await next(two, MARKETING)).toBe('suppressed')
  await one.advance(SECOND)
  expect(await next(one, MARKETING)).toBe('suppressed')
  const page = await one.fetch(`/v1/events?message_id=${id}&type=email.unsubscribed`, { headers: AUTHORIZED })
  const { data } = (await page.json()) as { readonly data: readonly unknown[] }
  expect(data).toHaveLength(1)
  expect(await (await one.fetch(`${path}?choose`)).text()).toContain('Subscribe again')
  await press(one, path, { do: 'come-back', what: 'this' })
  expect(await next(two, MARKETING)).toBe('queued')
})
