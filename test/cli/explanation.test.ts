import { expect, test } from 'bun:test'
import { explanationText } from '../../cli/explanation.ts'
import type { Explanation } from '../../src/core/explanation.ts'

const TOLD: Explanation = {
  message_id: 'msg_mwsuuzu20001',
  summary: '1 recipient, bounced.',
  recipients: [
    {
      recipient: 'ada@example.net',
      status: 'bounced',
      what_happened:
        'The receiver refused it for good. It said: “550 5.7.1 Service unavailable; client host [198.51.100.7] blocked using a list”.',
      at_fault: {
        blame: 'reputation',
        reason: 'blocked',
        enhanced_code: '5.7.1',
        in_words: 'The fault lies with how the receiver sees this sender.',
      },
      what_to_do: 'Ask for delisting.',
      what_happens_next: 'It is not tried again.',
      next_attempt_at: null,
      timeline: [
        { at: '2026-11-23T05:58:52.000Z', text: 'Accepted and stored.' },
        {
          at: '2026-11-23T05:58:52.002Z',
          text: 'Attempt 1 was refused for good.',
          transcript: ['5 CONNECT mx.example.net', '1020 EHLO => 554 no', 'something else'],
        },
      ],
    },
  ],
}

test('sentences are broken between words and stand in columns; transcripts have their milliseconds', () => {
  expect(explanationText(TOLD)).toBe(`msg_mwsuuzu20001: 1 recipient, bounced.

ada@example.net  bounced
  what happened  The receiver refused it for good. It said: “550 5.7.1 Service unavailable; client
                 host [198.51.100.7] blocked using a list”.
  at fault       The fault lies with how the receiver sees this sender. (blocked, 5.7.1)
  what to do     Ask for delisting.
  what next      It is not tried again.

  2026-11-23T05:58:52.000Z  Accepted and stored.
  2026-11-23T05:58:52.002Z  Attempt 1 was refused for good.
                      5 ms  CONNECT mx.example.net
                   1020 ms  EHLO => 554 no
                            something else`)
})

test('what is right has neither fault nor advice', () => {
  const [one] = TOLD.recipients
  if (one === undefined) throw new Error('nobody')
  const fine = { ...one, at_fault: null, what_to_do: null, timeline: [] }
  expect(explanationText({ ...TOLD, recipients: [fine] })).not.toMatch(/at fault|what to do/)
})
