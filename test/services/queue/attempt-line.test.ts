import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClaimedDelivery } from '../../../src/core/message.ts'
import { openLog } from '../../../src/ops/log.ts'
import { openFigures } from '../../../src/ops/meter.ts'
import { tellAttempt } from '../../../src/services/queue/attempt-line.ts'
import { untouched } from '../../../src/services/queue/settle.ts'

const delivery = {
  id: 'dlv_1',
  messageId: 'msg_1',
  attempts: 1,
  recipient: 'secret.person@example.net',
  destination: 'example.net',
} as unknown as ClaimedDelivery

function tellInto() {
  const lines: string[] = []
  const attemptLog = openLog({
    level: 'info',
    format: 'json',
    now: () => 0,
    sink: { write: (line) => void lines.push(line) },
  })
  const { meter, text } = openFigures()
  return { lines, meter, attemptLog, text }
}

test('one line: what was tried, where, and what came of it', () => {
  const { attemptLog, lines, meter } = tellInto()
  const evidence = {
    ...untouched(1000),
    endedAt: 1250,
    mx: 'mx.example.net',
    source: '192.0.2.1',
    tls: { version: 'TLSv1.3', cipher: 'x', verified: true },
  }
  const reply = {
    code: 450,
    enhanced: { class: 4, subject: 7, detail: 1 },
    text: 'secret.person@example.net: later',
  } as const
  const outcome = { kind: 'deferred', cause: { kind: 'reply', stage: 'RCPT', reply } } as const
  tellAttempt({ meter, attemptLog }, delivery, { outcome, evidence }, 'example')
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 'info',
    time: '1970-01-01T00:00:00.000Z',
    message: 'msg_1',
    delivery: 'dlv_1',
    number: 2,
    domain: 'example.net',
    provider: 'example',
    source: '192.0.2.1',
    mx: 'mx.example.net',
    via: 'direct',
    tls: 'TLSv1.3',
    code: 450,
    enhanced: '4.7.1',
    outcome: 'deferred',
    cause: 'RCPT',
    ms: 250,
    what: 'attempt',
  })
  const page = readFileSync(join(import.meta.dir, '../../../docs/operating.md'), 'utf8')
  const shown = /^```jsonl\n(.*)\n```$/m.exec(page)?.[1] ?? ''
  expect(Object.keys(JSON.parse(shown))).toEqual(Object.keys(JSON.parse(lines[0] ?? '')))
  // Neither from the envelope nor from what the receiver answered.
  expect(lines[0]).not.toContain('secret')
})

test('it is counted where nothing is written', async () => {
  const { meter, text } = tellInto()
  const outcome = { kind: 'delivered', reply: { code: 250, enhanced: null, text: 'ok' } } as const
  tellAttempt({ meter }, delivery, { outcome, evidence: untouched(0) }, 'example')
  expect(await text()).toContain('mailwok_attempts_total{outcome="delivered"} 1')
})
