import { expect, test } from 'bun:test'
import { tlsPolicyRules } from '../../src/config/rules-tls.ts'

type Given = Parameters<typeof tlsPolicyRules>[0]

const rules = (tlsPolicy: Given['tlsPolicy'], trustAd: Given['dns']['trustAd'] = 'auto'): readonly string[] =>
  tlsPolicyRules({ dns: { servers: [], timeout: 5000, trustAd }, tlsPolicy }).map(({ say }) => say)

test('a word about a domain names it', () => {
  expect(rules([{ domain: '', policy: 'dane' }])).toEqual(['tls_policy.0.domain is missing'])
})

test('there is one word about a domain, however it is written', () => {
  const twice = rules([
    { domain: 'a.example', policy: 'none' },
    { domain: 'A.example', policy: 'verified' },
  ])
  expect(twice).toEqual(['tls_policy.1.domain is "A.example", which was named before'])
})

test.each([
  ['never', 'dane', 1],
  ['auto', 'dane', 0],
  ['always', 'dane', 0],
  ['never', 'verified', 0],
] as const)('dns.trust_ad %s and policy %s: %i faults', (trustAd, policy, want) => {
  const told = rules([{ domain: 'a.example', policy }], trustAd)
  expect(told).toHaveLength(want)
  if (want === 1) expect(told[0]).toContain('tls_policy.0.policy is "dane" and dns.trust_ad is "never"')
})
