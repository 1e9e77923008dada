//
// A hundred thousand hits by programs, on every link of a hundred copies, by GET and HEAD: each is answered, told once, and
// known for a program; memory has a bound.

import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SECOND } from '../../../src/core/time.ts'
import { createPublic } from '../../../src/edge/public/public.ts'
import { clickHead, clickTail, copyName, openHead } from '../../../src/mail/tracking/link-token.ts'
import { isKnownNetwork } from '../../../src/services/engagement/known-network.ts'
import { Readings } from '../../../src/services/engagement/readings.ts'
import { openStore } from '../../../src/store/open.ts'
import { quietLog } from '../../edge/smtpd/agent.ts'
import { acceptanceOf, ids, NOW, storeOptions } from '../../store/contract/samples.ts'
import { TRACKING_KEY } from '../../support/tracked.ts'
import { until } from '../../support/until.ts'

const HITS = 100_000
const COPIES = 100
const LINKS = 10

test('a hundred thousand hits of scanners are answered, told and known for what they are', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-scanners-'))
  const store = await openStore(`sqlite:${join(folder, 'log.db')}`, storeOptions())
  try {
    const to = Array.from({ length: COPIES }, (_, at) => `u${at}@one.example`)
    const acceptance = acceptanceOf({ to, state: 'held' })
    await store.queue.accept(acceptance)
    const figures = new Map<string, number>()
    const count = (name: string, by = 1, labels: Readonly<Record<string, string>> = {}): void => {
      const key = `${name} ${labels['machine'] ?? ''}`.trim()
      figures.set(key, (figures.get(key) ?? 0) + by)
    }
    const told = (): number => [...figures.values()].reduce((sum, one) => sum + one, 0)
    const { clock } = storeOptions()
    const nothing = (): void => undefined
    const readings = new Readings({
      store: store.engagement,
      ring: nothing,
      isKnownNetwork,
      ids,
      clock,
      log: quietLog,
      meter: { count, observe: nothing, gauge: nothing },
    })
    let hits = 0
    const leaving = () => {
      throw new Error('nobody leaves by looking')
    }
    const answer = createPublic({
      tracking: { keys: [TRACKING_KEY], noted: (reading) => readings.note(reading) },
      leaving: { find: leaving, standing: leaving, leave: leaving, comeBack: leaving },
      // Minutes after the first, a hit each millisecond.
      clock: { now: () => NOW + 600 * SECOND + hits },
      log: quietLog,
    })
    const paths = acceptance.deliveries.flatMap(({ id }) => {
      const name = copyName(id)
      const clicks = Array.from({ length: LINKS - 1 }, (_, at) => {
        const tail = clickTail(`https://shop.example/${at}`, at + 1, LINKS - 1)
        return `/c/${clickHead(name, tail, TRACKING_KEY)}${tail}`
      })
      return [`/o/${openHead(name, TRACKING_KEY)}`, ...clicks]
    })
    const headers = { 'user-agent': 'Mozilla/5.0 (compatible; Barracuda Sentinel)' }
    while (hits < HITS) {
      const path = paths[hits % paths.length] ?? ''
      const method = Math.floor(hits / paths.length) % 2 === 0 ? 'GET' : 'HEAD'
      const response = await answer(new Request(`http://track.example.com${path}`, { method, headers }), '')
      hits += 1
      if (response?.status !== (path.startsWith('/o/') ? 200 : 302))
        throw new Error(`${path}: ${response?.status}`)
      // As fast as the store takes them: what it cannot take is another test's.
      if (hits % 500 === 0) await until('they are told', () => told() > hits - 5_000)
    }
    await readings.stop()
    const each = Object.fromEntries(figures)
    expect(each).toEqual({ 'opens_total true': HITS / LINKS, 'clicks_total true': HITS - HITS / LINKS })
    expect((await store.messages.events(acceptance.message.id)).length).toBe(COPIES + HITS)
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)
