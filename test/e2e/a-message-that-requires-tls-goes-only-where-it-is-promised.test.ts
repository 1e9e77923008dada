//
// RFC 8689: REQUIRETLS as a submitter says it, all the way to a receiver that promises the same, or back.

import { expect, test } from 'bun:test'
import { idIn, type Lab } from '../support/appliance.ts'
import { LAB_KEY } from '../support/lab-folder.ts'
import { smtpClient } from '../support/smtp-client.ts'
import { policyText, startTlsLab } from '../support/tls-lab.ts'

async function submitted(lab: Lab, { parameters = '', fields = '' }): Promise<string> {
  const client = await smtpClient(lab.port('submission.starttls'))
  await client.reply()
  await client.ask('EHLO client.test')
  expect(await client.ask('STARTTLS')).toStartWith('220')
  await client.startTls()
  expect(await client.authenticate(LAB_KEY)).toStartWith('235')
  expect(await client.ask(`MAIL FROM:<shop@example.com>${parameters}`)).toStartWith('250')
  expect(await client.ask('RCPT TO:<rcpt@example.net>')).toStartWith('250')
  expect(await client.ask('DATA')).toStartWith('354')
  client.send(`${fields}From: shop@example.com\r\nTo: rcpt@example.net\r\nSubject: x\r\n\r\nx\r\n`)
  const id = idIn(await client.ask('.'))
  client.close()
  return id
}

test('a receiver with a proven name that offers it gets it, and is told', async () => {
  await using house = await startTlsLab({ mx: { requireTls: true } })
  house.announce(policyText('testing'))
  const id = await submitted(house.lab, { parameters: ' REQUIRETLS' })
  expect((await house.lab.ended(id)).status).toBe('delivered')
  expect(house.lab.mx.messages[0]?.parameters).toHaveProperty('REQUIRETLS')
})

test('a receiver that does not offer it gets nothing, and the sender hears why', async () => {
  await using house = await startTlsLab()
  house.announce(policyText('testing'))
  const view = await house.lab.ended(await submitted(house.lab, { parameters: ' REQUIRETLS' }))
  expect(view.deliveries[0]).toMatchObject({ status: 'bounced', attempts: [{ enhanced_code: '5.7.30' }] })
  expect(house.lab.mx.messages).toEqual([])
})

test('a host that nobody proves to be one of the domain is not asked, though its certificate is right', async () => {
  await using house = await startTlsLab({ mx: { requireTls: true } })
  const view = await house.lab.tried(await submitted(house.lab, { parameters: ' REQUIRETLS' }), 1)
  expect(view.deliveries[0]).toMatchObject({ status: 'queued', attempts: [{ outcome: 'deferred' }] })
  expect(house.lab.mx.commands).toEqual([])
})

test('a receiver whose name is not proven is told nothing, though it offers it', async () => {
  await using house = await startTlsLab({ certified: null, mx: { requireTls: true } })
  house.announce(policyText('testing'))
  const view = await house.lab.tried(await submitted(house.lab, { parameters: ' REQUIRETLS' }), 1)
  expect(view.deliveries[0]).toMatchObject({ status: 'queued', attempts: [{ outcome: 'deferred' }] })
  expect(house.lab.mx.commands.some((line) => line.includes('MAIL'))).toBe(false)
})

test('TLS-Required: No goes before DANE that fails', async () => {
  await using house = await startTlsLab()
  house.tlsa([3, 1, 1, 'ab'.repeat(32)])
  const view = await house.lab.ended(await submitted(house.lab, { fields: 'TLS-Required: No\r\n' }))
  expect(view.status).toBe('delivered')
})

test('TLS-Required: No goes past policies that leave others no way', async () => {
  await using house = await startTlsLab()
  house.announce(policyText('enforce', 'other.test'))
  const other = await house.lab.tried(await submitted(house.lab, {}), 1)
  expect(other.deliveries[0]).toMatchObject({ status: 'queued', attempts: [{ outcome: 'deferred' }] })
  const view = await house.lab.ended(await submitted(house.lab, { fields: 'TLS-Required: No\r\n' }))
  expect(view.status).toBe('delivered')
  expect(house.lab.mx.messages).toHaveLength(1)
})
