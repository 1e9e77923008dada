//
// Threat T12 in numbers: templates that take long, five hundred at once. Real time is what is measured here.

import { expect, test } from 'bun:test'
import { systemClock } from '../../src/ops/clock.ts'
import { AUTHORIZED, type Lab, startLab } from '../support/appliance.ts'
import type { HandClock } from '../support/clock.ts'

/** Tens of milliseconds a message; where that is beyond the limit of one, it is refused alone. */
const SLOW = '{% for a in (1..60) %}{% for b in (1..60) %}{% assign x = a %}{% endfor %}{% endfor %}{{ n }}'
const slowOf = (mode: 'strict' | 'permissive') => ({
  from: 'app@example.com',
  subject: 'slow',
  text: SLOW,
  mode,
  messages: Array.from({ length: 500 }, (_, n) => ({ to: `r${n}@example.net`, data: { n } })),
})

/** Nobody moves it. */
const trueClock = (): HandClock => ({
  ...systemClock(),
  advance: () => undefined,
  pause: () => undefined,
  jump: () => undefined,
  waits: 0,
})

interface End {
  readonly success: boolean
  readonly error?: { readonly code: string; readonly fields: readonly { readonly code: string }[] }
}

const askFor = async (lab: Lab, times: number[], until: Promise<unknown>): Promise<void> => {
  let isOver = false
  void until.finally(() => {
    isOver = true
  })
  while (!isOver) {
    const begun = performance.now()
    await (await lab.fetch('/v1/account', { headers: AUTHORIZED })).arrayBuffer()
    times.push(performance.now() - begun)
  }
}

test('it ends, says which messages it did not reach, and others are answered meanwhile', async () => {
  await using lab = await startLab({ clock: trueClock() })
  const times: number[] = []
  const begun = performance.now()
  const sending = lab.post('/v1/email/batch', slowOf('permissive'))
  await askFor(lab, times, sending)
  const took = performance.now() - begun
  const { body, status } = await sending
  const data = (body as unknown as { data: readonly End[] }).data
  expect([status, data.length]).toEqual([200, 500])
  const isLate = ({ error }: End): boolean => error?.fields[0]?.code === 'batch_too_slow'
  const late = data.findIndex(isLate)
  expect(late).toBeGreaterThan(0)
  expect(data.slice(late).every(isLate)).toBe(true)
  // 3 s of work and as much for others; the rest is the machine's.
  expect(took).toBeLessThan(30_000)
  // Between any two slow messages others have their turn.
  expect(times.length).toBeGreaterThan(late)
  console.log(
    `  ${late} merged in ${took.toFixed(0)} ms; others p50 ${at(times, 0.5)}, p99 ${at(times, 0.99)} ms`,
  )
}, 60_000)

test('strict: it is refused by name, and nothing of it is accepted', async () => {
  await using lab = await startLab({ clock: trueClock() })
  const { body, status } = await lab.post('/v1/email/batch', slowOf('strict'))
  expect([status, body.error.code]).toEqual([422, 'template_error'])
  expect(body.error.message).toMatch(/^messages\[\d+\]: .* Nothing was accepted\.$/)
  expect(lab.mx.messages).toEqual([])
}, 60_000)

const at = (times: readonly number[], share: number): string =>
  (times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? 0).toFixed(0)
