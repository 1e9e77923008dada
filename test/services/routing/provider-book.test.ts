import { expect, test } from 'bun:test'
import { knownProviders, withOwn } from '../../../src/config/providers.ts'
import { providerOfMx } from '../../../src/services/routing/provider.ts'
import { ProviderBook } from '../../../src/services/routing/provider-book.ts'

const book = new ProviderBook(knownProviders())

test.each([
  ['gmail-smtp-in.l.google.com', 'google'],
  ['aspmx.l.google.com', 'google'],
  ['alt4.aspmx.l.google.com', 'google'],
  ['aspmx2.googlemail.com', 'google'],
  ['outlook-com.olc.protection.outlook.com', 'outlook'],
  ['example-com.mail.protection.outlook.com', 'microsoft365'],
  ['example-com.o-v1.mx.microsoft', 'microsoft365'],
  ['mta5.am0.yahoodns.net', 'yahoo'],
  ['mx01.mail.icloud.com', 'apple'],
  ['mx00.emig.gmx.net', 'gmx'],
  ['mx-ha02.web.de', 'gmx'],
  ['mx00.mail.com', 'gmx'],
  ['mx00.kundenserver.de', 'ionos'],
  ['mx00.t-online.de', 't-online'],
  ['smtp-in.orange.fr', 'orange'],
  ['mx1.comcast.net', 'comcast'],
  ['mx.yandex.net', 'yandex'],
  ['mxs.mail.ru', 'mail.ru'],
  ['mx3.qq.com', 'qq'],
  ['163mx01.mxmail.netease.com', '163'],
  ['mxa-00123456.gslb.pphosted.com', 'proofpoint'],
  ['eu-smtp-inbound-1.mimecast.com', 'mimecast'],
  ['in1-smtp.messagingengine.com', 'fastmail'],
  ['mail.protonmail.ch', 'proton'],
  // Nobody we know: the registrable domain.
  ['mx1.example.co.uk', 'example.co.uk'],
  ['notgoogle.com', 'notgoogle.com'],
])('%p is %p', (exchange, provider) => {
  expect(providerOfMx([{ preference: 10, exchange }], book)).toBe(provider)
})

test('no two entries claim the same MX, and ceilings are within reason', () => {
  const known = knownProviders()
  const suffixes = known.flatMap(({ mx }) => mx)
  expect(new Set(suffixes).size).toBe(suffixes.length)
  expect(new Set(known.map(({ name }) => name)).size).toBe(known.length)
  for (const { name, connections, messagesPerConnection, postmaster } of known) {
    expect([name, connections.start <= connections.most && connections.most <= 50]).toEqual([name, true])
    expect([name, messagesPerConnection ?? 1]).not.toEqual([name, 0])
    if (postmaster !== null) expect(postmaster).toStartWith('https://')
  }
})

const OWN = { name: '', mx: [], connections: 0, messagesPerConnection: 0, messagesPerSecond: null }

test('own entries change what they say and leave the rest', () => {
  const own = [
    { ...OWN, name: 'gmx', connections: 1, messagesPerSecond: 2 },
    { ...OWN, name: 'mine', mx: ['MX.Example.net'] },
  ]
  const mine = new ProviderBook(withOwn(knownProviders(), own))
  expect(mine.facts('gmx')).toMatchObject({
    connections: { start: 1, most: 1 },
    messagesPerConnection: 20,
    messagesPerSecond: 2,
  })
  expect(mine.nameOf('mx.example.net')).toBe('mine')
  expect(mine.facts('mine')).toMatchObject({
    connections: { start: 2, most: 20 },
    messagesPerConnection: null,
  })
})

test.each([
  ['[[provider]]\nname = "a"\nmx = ["a.example"]\nstart = 3\nconnections = 2', /start and connections/],
  [
    '[[provider]]\nname = "a"\nmx = ["a.example"]\nstart = 1\nconnections = 2\nspeed = 1',
    /speed means nothing/,
  ],
  ['[[provider]]\nname = "a"\nstart = 1\nconnections = 2', /no mx/],
  ['x = 1', /no \[\[provider\]\]/],
])('a table that is not as its head says is refused: %p', (toml, fault) => {
  expect(() => knownProviders(toml)).toThrow(fault)
})
