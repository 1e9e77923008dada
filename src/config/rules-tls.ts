//
// Owns: what the keys of encryption demand of each other: of our certificates, and towards receivers.

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

export function tlsRules({ tls }: Pick<Config, 'tls'>): readonly BrokenRule[] {
  if (tls.mode === 'acme') return acmeRules(tls)
  if (tls.mode !== 'files') return []
  const missing = [tls.cert === '' ? 'tls.cert' : '', tls.key === '' ? 'tls.key' : ''].filter(
    (key) => key !== '',
  )
  return missing.map((key) => ({
    key,
    say: `${key} is empty; tls.mode "files" wants the path of a PEM file`,
  }))
}

function acmeRules(tls: Config['tls']): readonly BrokenRule[] {
  const broken: BrokenRule[] = []
  if (!tls.acmeTermsAgreed) {
    broken.push({
      key: 'tls.acme_terms_agreed',
      say: "tls.acme_terms_agreed is false; the authority issues certificates only to who agrees to its terms (those of Let's Encrypt: https://letsencrypt.org/repository/): read them and set it to true",
    })
  }
  if (tls.acmeStaging && tls.acmeDirectory !== '') {
    broken.push({
      key: 'tls.acme_staging',
      say: "tls.acme_staging is true and tls.acme_directory names an authority; staging is Let's Encrypt's: leave one of them out",
    })
  }
  if ((tls.acmeEabKid === '') !== (tls.acmeEabKey === '')) {
    const key = tls.acmeEabKid === '' ? 'tls.acme_eab_kid' : 'tls.acme_eab_key'
    broken.push({ key, say: `${key} is empty; the authority gives both, the key id and the key` })
  } else if (!/^[\w-]*=*$/.test(tls.acmeEabKey)) {
    broken.push({
      key: 'tls.acme_eab_key',
      say: 'tls.acme_eab_key is no base64url; want it as the authority gave it',
    })
  }
  return broken
}
