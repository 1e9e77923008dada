//
// Owns: what keys demand of each other. Each rule names the key that is to be changed.

import type { BrokenRule } from './broken-rule.ts'
import { knownProviders } from './providers.ts'
import { deliveryRules } from './rules-delivery.ts'
import { backupRules } from './rules-keeping.ts'
import { tlsPolicyRules, tlsRules } from './rules-tls.ts'
import type { Config } from './schema.ts'
import { isLoopback, type Network } from './units.ts'

export function brokenRules(config: Config): readonly BrokenRule[] {
  return [
    ...apiRules(config),
    ...submissionRules(config),
    ...inboundRules(config),
    ...tlsRules(config),
    ...deliveryRules(config),
    ...tlsPolicyRules(config),
    ...declaredRules(config),
    ...providerRules(config),
    ...backupRules(config),
  ]
}

function apiRules({ api }: Config): readonly BrokenRule[] {
  const open = api.http.filter((listener) => !isLoopback(listener.host))
  if (open.length === 0 || api.trustedProxies.length > 0) return []
  return [
    {
      key: 'api.http',
      say: 'api.http would carry keys in clear beyond this machine; name the proxy in api.trusted_proxies or listen on 127.0.0.1',
    },
  ]
}

function submissionRules({ submission }: Config): readonly BrokenRule[] {
  const broken: BrokenRule[] = []
  const open = submission.plain.some((listener) => !isLoopback(listener.host))
  if (open && submission.keylessNetworks.length === 0) {
    broken.push({
      key: 'submission.plain',
      say: 'submission.plain would carry keys in clear beyond this machine; listen on 127.0.0.1 or name submission.keyless_networks',
    })
  }
  if (submission.keylessNetworks.some(isEveryone)) {
    broken.push({
      key: 'submission.keyless_networks',
      say: 'submission.keyless_networks would let the whole internet submit without a key; name single networks',
    })
  }
  if (submission.memory < submission.maxMessageSize) {
    broken.push({
      key: 'submission.memory',
      say: 'submission.memory is smaller than submission.max_message_size: such a message could never enter',
    })
  }
  return broken
}

function inboundRules({ inbound, server }: Config): readonly BrokenRule[] {
  const broken: BrokenRule[] = []
  if (inbound.memory < inbound.maxMessageSize) {
    broken.push({
      key: 'inbound.memory',
      say: 'inbound.memory is smaller than inbound.max_message_size: such a message could never enter',
    })
  }
  // Alerts would come back to port 25, where mail of machines about mail goes no further.
  if (server.operator.toLowerCase().endsWith(`@${server.hostname.toLowerCase()}`)) {
    broken.push({
      key: 'server.operator',
      say: 'server.operator is an address of this server itself, which has no mailboxes; want one elsewhere',
    })
  }
  return broken
}

const isEveryone = (network: Network): boolean => network.prefix === 0

/** A name that is neither known nor explained would never be met. */
function providerRules({ provider }: Config): readonly BrokenRule[] {
  if (provider.length === 0) return []
  const known = new Set(knownProviders().map(({ name }) => name))
  return provider.flatMap(({ name, mx }, i) => {
    if (name === '') return [{ key: `provider.${i}.name`, say: `provider.${i}.name is missing` }]
    if (mx.length > 0 || known.has(name)) return []
    const key = `provider.${i}.mx`
    return [{ key, say: `${key} is missing: nothing is known of ${JSON.stringify(name)}; name its MX hosts` }]
  })
}

function declaredRules({ domain, key }: Config): readonly BrokenRule[] {
  const broken: BrokenRule[] = []
  for (const [i, one] of domain.entries()) {
    if (one.name === '') broken.push({ key: `domain.${i}.name`, say: `domain.${i}.name is missing` })
  }
  for (const [i, one] of key.entries()) {
    if (one.name === '') broken.push({ key: `key.${i}.name`, say: `key.${i}.name is missing` })
    if (!/^mwk_(?:live|test)_[0-9A-Za-z]{16,}$/.test(one.secret)) {
      broken.push({
        key: `key.${i}.secret`,
        say: `key.${i}.secret is missing or too short; want mwk_live_ or mwk_test_ and at least 16 letters and digits`,
      })
    }
  }
  return broken
}
