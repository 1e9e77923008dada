//
// Owns: what the keys of encryption towards receivers demand of each other.

import type { BrokenRule } from './broken-rule.ts'
import type { Config } from './schema.ts'

export function tlsPolicyRules({ dns, tlsPolicy }: Pick<Config, 'dns' | 'tlsPolicy'>): readonly BrokenRule[] {
  const broken: BrokenRule[] = []
  const seen = new Set<string>()
  for (const [i, { domain, policy }] of tlsPolicy.entries()) {
    const key = `tls_policy.${i}`
    const name = domain.toLowerCase()
    if (name === '') broken.push({ key: `${key}.domain`, say: `${key}.domain is missing` })
    else if (seen.has(name)) {
      broken.push({ key: `${key}.domain`, say: `${key}.domain is "${domain}", which was named before` })
    }
    seen.add(name)
    if (policy === 'dane' && dns.trustAd === 'never') {
      broken.push({
        key: `${key}.policy`,
        say: `${key}.policy is "dane" and dns.trust_ad is "never": no mail would ever go to ${domain}`,
      })
    }
  }
  return broken
}
