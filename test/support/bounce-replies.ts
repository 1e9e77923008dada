//
// Owns: holding what a peer replied against the verdict that is wanted of it.

import { expect, test } from 'bun:test'
import type { BounceReason } from '../../src/core/failure.ts'
import type { SmtpStage } from '../../src/core/outcome.ts'
import { parseEnhanced } from '../../src/core/reply.ts'
import { judge } from '../../src/mail/bounces/classify.ts'
import { type Pressure, pressureOf } from '../../src/mail/bounces/pressure.ts'

export type ReplyRow = readonly [
  reply: string,
  reason: BounceReason,
  hardness?: 'hard' | undefined,
  pressure?: Pressure,
]

/** "550-5.1.1 words\n550 5.1.1 words" as our reply parser hands it on: codes off, lines joined. */
export function replyCause(stage: SmtpStage, lines: string) {
  const code = Number(lines.slice(0, 3))
  const texts = lines.split('\n').map((line) => line.slice(4))
  const enhanced = parseEnhanced(texts[0] ?? '', code)
  const text = texts.map((line) => line.replace(/^[245]\.\d+\.\d+ ?/, '')).join('\n')
  return { kind: 'reply', stage, reply: { code, enhanced, text } } as const
}

export function testReplies(stage: SmtpStage, rows: readonly ReplyRow[]): void {
  for (const [reply, reason, hardness, pressure] of rows) {
    test(`${stage}: ${reply.split('\n', 1)[0]} → ${reason}`, () => {
      const cause = replyCause(stage, reply)
      const verdict = judge(cause)
      expect([verdict.reason, verdict.hardness]).toEqual([reason, hardness ?? 'soft'])
      if (pressure !== undefined) expect(pressureOf(cause)).toBe(pressure)
    })
  }
}
