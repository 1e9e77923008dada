//
// Owns: for which names a certificate is ordered. Pure.

import ipaddr from 'ipaddr.js'

/** More than one order a minute for a month: no authority wants more of one account. */
const MAX_HOSTS = 10_000
/** RFC 2606 and RFC 6761: no authority knows them; test. stays, for labs that have one of their own. */
const NOBODYS = /(?:^|\.)(?:localhost|local|internal|invalid|example)$/

/** Ours first, each once: they must not wait for those of tenants. */
export function certifiedHosts(own: readonly string[], tracking: readonly string[]): readonly string[] {
  const names = [...own, ...tracking].map((name) => name.toLowerCase().replace(/\.$/, ''))
  return [...new Set(names.filter(certifiable))].slice(0, MAX_HOSTS)
}

const certifiable = (name: string): boolean =>
  name.includes('.') && name.length <= 253 && !ipaddr.isValid(name) && !NOBODYS.test(name)
