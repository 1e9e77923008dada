//
// RFC 5321 §5.1, RFC 7505: an authority's no is final, a silence is not.

import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { eventOf, story } from '../support/lab-answers.ts'

test('a null MX and a name that does not exist bounce at once; SERVFAIL waits until the DNS answers', async () => {
  await using lab = await startLab({
    dns: { 'null.test': { MX: [[0, '.']] }, 'broken.test': { fault: 'servfail' } },
  })
  const id = await lab.sent({ to: ['a@null.test', 'b@nowhere.test', 'c@broken.test'] })
  const view = await lab.tried(id, 1)
  expect(eventOf(view, 'bounced', 'a@null.test').bounce).toMatchObject({
    type: 'hard',
    reason: 'domain_refuses_mail',
    enhanced_code: '5.1.10',
  })
  expect(eventOf(view, 'bounced', 'b@nowhere.test').bounce).toMatchObject({
    type: 'hard',
    reason: 'domain_unknown',
    enhanced_code: '5.1.2',
  })
  expect(eventOf(view, 'deferred', 'c@broken.test').bounce).toMatchObject({
    reason: 'dns',
    enhanced_code: '4.4.3',
  })
  expect(lab.mx.connections).toBe(0)
  // An implicit MX: the domain has an address and no MX record.
  lab.dns.set('broken.test', { A: ['127.0.0.1'] })
  await lab.advance(61_000)
  const later = await lab.ended(id)
  expect(story(later, 'c@broken.test')).toEqual(['queued', 'deferred', 'delivered'])
  expect(lab.mx.messages.map((message) => message.forwardPaths)).toEqual([['c@broken.test']])
})
