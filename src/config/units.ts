//
// Owns: how durations, sizes, listeners and networks are written in the configuration. Pure.
// Never: which keys exist (schema.ts) or where a value came from (load.ts).

import ipaddr from 'ipaddr.js'
import { DAY, HOUR, MINUTE, type Milliseconds, SECOND } from '../core/time.ts'

/** Where something listens. Port 0 lets the system choose; the ready line tells which it was. */
export interface Listener {
  /** A literal IPv4 or IPv6 address without brackets, or `localhost`. */
  readonly host: string
  readonly port: number
}

/** A block of addresses in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3). */
export interface Network {
  readonly address: string
  readonly prefix: number
}

const TIME: Readonly<Record<string, Milliseconds>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY }

/** Decimal as disks are sold, binary where it is said: a "25MB" limit must not let a 26 MB body pass. */
const SIZE: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
}

export function parseDuration(text: string): Milliseconds | null {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text)
  const unit = TIME[match?.[2] ?? '']
  return match?.[1] && unit !== undefined ? Number(match[1]) * unit : null
}

export function parseSize(text: string): number | null {
  const match = /^(\d{1,9})(B|KB|MB|GB|KiB|MiB|GiB)$/.exec(text)
  const unit = SIZE[match?.[2] ?? '']
  return match?.[1] && unit !== undefined ? Number(match[1]) * unit : null
}

/** `[::]:443`, `127.0.0.1:8080`, `localhost:0`. */
export function parseListener(text: string): Listener | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)
  if (!match) return null
  const host = match[1] ?? match[2] ?? ''
  const port = Number(match[3])
  if (port > 65535 || (host !== 'localhost' && !isAddress(host))) return null
  return { host, port }
}

/** A name server: the port may be left out. */
export function parseNameServer(text: string): Listener | null {
  const address = isAddress(text) ? text : null
  if (address) return { host: address, port: 53 }
  const listener = parseListener(text)
  return listener && listener.port > 0 ? listener : null
}

/** A host of any name and a port, such as `10.0.0.7:3000` or `hooks.internal:8080`. */
export function parsePlace(text: string): Listener | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]{1,253})):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  const host = match?.[1] ?? match?.[2]
  return host !== undefined && port > 0 && port <= 65_535 ? { host: host.toLowerCase(), port } : null
}

/** A single address is a network of one. */
export function parseNetwork(text: string): Network | null {
  if (isAddress(text)) return { address: text, prefix: text.includes(':') ? 128 : 32 }
  if (!isAddress(text.replace(/\/\d+$/, '')) || !ipaddr.isValidCIDR(text)) return null
  const [address, prefix] = ipaddr.parseCIDR(text)
  return { address: address.toString(), prefix }
}

/** ipaddr.js alone would take 127.1 and 0x7f000001; four decimal parts are wanted. */
export const isAddress = (text: string): boolean =>
  text.includes(':') ? ipaddr.IPv6.isValid(text) : ipaddr.IPv4.isValidFourPartDecimal(text)

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || (isAddress(host) && ipaddr.process(host).range() === 'loopback')
