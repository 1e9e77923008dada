//
// RFC 7208 §2.4, RFC 9477 §3.1: once its records are published, return path and complaint address are the domain's own.

import { expect, test } from 'bun:test'
import { must, startLab } from '../support/appliance.ts'
import { publish } from '../support/domains.ts'
import { bounceOf, complaintOf, deliver, lastReturnPath } from '../support/inbound.ts'
import { story } from '../support/lab-answers.ts'

test('bounce.<domain> takes bounces, and fbl@ there complaints by the address in the signed header', async () => {
  await using lab = await startLab({ config: { 'domains.require_verification': 'true' } })
  publish(lab.dns, must(await lab.admin.domainDns({ name: 'example.com' })))
  expect(must(await lab.admin.domainVerify({ name: 'example.com' })).verified).toBe(true)
  const id = await lab.sent()
  await lab.ended(id)
  const bytes = lab.mx.messages[0]?.bytes ?? Buffer.alloc(0)
  const header = bytes.toString('latin1').split('\r\n\r\n')[0] ?? ''
  const address = /^CFBL-Address: (\S+); report=arf$/m.exec(header.replaceAll('\r', ''))?.[1] ?? ''
  expect(address).toBe('fbl@bounce.example.com')
  expect(header.replace(/\r\n[ \t]+/g, '')).toMatch(/h=[^;]*CFBL-Address/)
  expect((await lab.dkim(bytes)).map(({ result }) => result)).toEqual(['pass', 'pass'])
  const path = lastReturnPath(lab)
  expect(path).toEndWith('@bounce.example.com')
  expect(await deliver(lab, { to: [address], message: complaintOf(header) })).toBe('250 2.0.0 Ok')
  expect(await deliver(lab, { to: [path], message: bounceOf('rcpt@example.net') })).toBe('250 2.0.0 Ok')
  expect(story(await lab.message(id))).toEqual(['queued', 'delivered', 'complained', 'bounced'])
})
