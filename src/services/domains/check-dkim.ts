//
// Owns: whether a published DKIM record is that of a key, and what is wrong with it in a sentence (RFC 6376 §3.6.1). Pure.

import type { StoredDkimKey } from '../../core/account.ts'
import type { Finding } from '../../core/finding.ts'
import { type Found, isAbsent, shown, tagsOf } from './asking.ts'
import { dkimName, dkimValue } from './records.ts'

type Key = Pick<StoredDkimKey, 'algorithm' | 'domain' | 'publicKey' | 'selector' | 'state'>

export function dkimFinding(key: Key, answer: Found<string>): Finding {
  const name = dkimName(key)
  const head = { check: 'dkim', name, type: 'TXT', required: key.state === 'active' } as const
  if (!answer.ok) {
    if (!isAbsent(answer.error)) return { ...head, ...UNANSWERED(name) }
    return { ...head, state: 'missing', found: [], message: missing(key, name), fix: publish(key, name) }
  }
  const texts = answer.value.records
  const found = shown(texts)
  const keys = texts.filter((text) => tagsOf(text).has('p'))
  const right = keys.filter((text) => whatIsWrong(text, key) === null)
  const [one] = right
  if (one === undefined) {
    const [first = texts[0] ?? ''] = keys
    const why =
      keys.length === 0 ? `The TXT record at ${name} is no DKIM key.` : (whatIsWrong(first, key) ?? '')
    return { ...head, state: 'wrong', found, message: why, fix: publish(key, name) }
  }
  if (keys.length > 1) {
    return {
      ...head,
      state: 'warning',
      found,
      message: `${keys.length} keys stand at ${name}, ours among them; which of them a receiver takes is chance (RFC 6376 §3.6.2.2).`,
      fix: 'Delete all of them but ours.',
    }
  }
  if ((tagsOf(one).get('t') ?? '').split(':').some((flag) => flag.trim() === 'y')) {
    return {
      ...head,
      state: 'warning',
      found,
      message: `The key at ${name} says t=y: receivers may treat its signatures as none (RFC 6376 §3.6.1).`,
      fix: 'Take t=y out of the record.',
    }
  }
  return { ...head, state: 'ok', found, message: `The key at ${name} is ours.`, fix: '' }
}

const UNANSWERED = (name: string) =>
  ({
    state: 'unknown',
    found: [],
    message: `No name server gave an answer for ${name}; what was seen before holds.`,
    fix: 'Look again in a while; if it stays so, ask whoever runs the name servers of the domain.',
  }) as const

const missing = ({ state }: Key, name: string): string =>
  state === 'active'
    ? `There is no record at ${name}: receivers cannot check our signatures.`
    : `There is no record at ${name}: this key cannot take its turn.`

const publish = (key: Key, name: string): string => `Publish at ${name} the TXT record ${dkimValue(key)}`

/** Null: nothing. v= may be left out, k= is rsa unless said; h= and s= may narrow what the key is for. */
function whatIsWrong(text: string, key: Key): string | null {
  const found = tagsOf(text)
  const wanted = tagsOf(dkimValue(key))
  const name = dkimName(key)
  const p = squeezed(found.get('p'))
  const ours = squeezed(wanted.get('p'))
  const allows = (tag: string, ...values: readonly string[]): boolean => {
    const list = found.get(tag)
    return list === undefined || list.split(':').some((value) => values.includes(value.trim()))
  }
  if ((found.get('v') ?? 'DKIM1') !== 'DKIM1') return `The record at ${name} does not begin with v=DKIM1.`
  if (p === '') return `The key at ${name} is revoked: its p= is empty.`
  if ((found.get('k') ?? 'rsa') !== wanted.get('k')) {
    return `The record at ${name} is for k=${(found.get('k') ?? 'rsa').slice(0, 20)}, the key is ${wanted.get('k')}.`
  }
  if (p !== ours) {
    return ours.startsWith(p)
      ? `The key at ${name} is cut off after ${p.length} of ${ours.length} characters; it wants several strings of at most 255 octets.`
      : `The key at ${name} is another one.`
  }
  if (!allows('h', 'sha256')) return `The key at ${name} is not for SHA-256 (h=).`
  if (!allows('s', '*', 'email')) return `The key at ${name} is not for mail (s=).`
  return null
}

const squeezed = (value: string | undefined): string => (value ?? '').replace(/\s+/g, '')
