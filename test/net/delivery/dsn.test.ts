// RFC 3461 section 5.2: what the submitter asked for goes on to a peer that offers DSN; else it stays with us.

import { afterEach, expect, test } from 'bun:test'
import type { DsnAsk } from '../../../src/net/delivery/order.ts'
import { xtext } from '../../../src/net/smtp/dsn.ts'
import { mxHosts, slotWith } from '../../support/slot.ts'

const hosts = mxHosts()
afterEach(() => hosts.close())

test.each([
  // asked for → parameters of MAIL, of RCPT
  [
    { notify: ['SUCCESS', 'FAILURE'], orcpt: 'rfc822;a+b=c@x.test', envid: 'order 4711', ret: 'HDRS' },
    { RET: 'HDRS', ENVID: 'order+204711' },
    { NOTIFY: 'SUCCESS,FAILURE', ORCPT: 'rfc822;a+2Bb+3Dc@x.test' },
  ],
  [{ notify: ['NEVER'] }, {}, { NOTIFY: 'NEVER' }],
  [{ envid: '=+\u00fc' }, { ENVID: '+3D+2B+C3+BC' }, {}],
  [{ ret: 'FULL' }, { RET: 'FULL' }, {}],
  [{ orcpt: 'utf-8;j\u00fcrgen@x.test' }, {}, { ORCPT: 'utf-8;j\\x{FC}rgen@x.test' }],
] satisfies [DsnAsk, object, object][])('%j', async (dsn, mail, rcpt) => {
  const mx = await hosts.start({ dsn: true })
  const { send, slot } = slotWith()
  const { outcome } = await send({ mx: [mx], dsn })
  await slot.finish()
  const { SIZE: _, ...parameters } = mx.messages[0]?.parameters ?? {}
  expect(parameters).toEqual(mail as typeof parameters)
  expect(mx.messages[0]?.rcptParameters).toEqual(rcpt as typeof parameters)
  expect(outcome).toMatchObject({ kind: 'delivered', dsnRelayed: true })
})

test.each([
  ['a peer without DSN', {}, { notify: ['SUCCESS'], envid: 'x' }],
  ['nothing was asked for', { dsn: true }, null],
] satisfies [string, object, DsnAsk | null][])(
  '%s: nothing is passed on, and nothing is claimed',
  async (_, script, dsn) => {
    const mx = await hosts.start(script)
    const { send, slot } = slotWith()
    const { outcome } = await send({ mx: [mx], dsn })
    await slot.finish()
    expect(Object.keys(mx.messages[0]?.parameters ?? {})).toEqual(['SIZE'])
    expect(mx.messages[0]?.rcptParameters).toEqual({})
    expect(outcome).not.toHaveProperty('dsnRelayed')
  },
)

test.each([
  ['plain', 'plain'],
  ['a+b', 'a+2Bb'],
  ['a=b', 'a+3Db'],
  ['a b\r\n', 'a+20b+0D+0A'],
  ['~!', '~!'],
])('xtext of %j', (text, want) => {
  expect(xtext(text)).toBe(want)
})
