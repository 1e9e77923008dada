//
// Owns: what Postmark's search for messages asks for, in the words of GET /v1/email. Pure.

import type { FieldFault } from '../../../services/submission/refusal.ts'
import { notAvailable } from '../trouble.ts'

const NAMES: Readonly<Record<string, string>> = {
  recipient: 'recipient',
  fromemail: 'from',
  subject: 'subject',
  tag: 'tag',
  fromdate: 'since',
  todate: 'until',
}
const STATES: Readonly<Record<string, string>> = {
  queued: 'queued',
  sent: 'delivered',
  processed: 'delivered',
}
const STREAMS: Readonly<Record<string, string>> = { outbound: 'transactional', broadcast: 'marketing' }
const MOST = 200

type Said = readonly [name: string, value: string] | string

/** A parameter of ours, or what is wrong with one of his. */
function read(name: string, value: string): Said {
  const small = name.toLowerCase()
  const own = NAMES[small]
  if (own !== undefined) return [own, value]
  switch (small) {
    case 'count':
      return ['limit', String(Math.min(Number(value), MOST))]
    case 'offset':
      if (value === '0') return ['', '']
      return 'is 0 alone here: go on with fromdate and todate, or with GET /v1/email and its after'
    case 'status':
      return wordOf('status', value.toLowerCase(), STATES)
    case 'messagestream':
      return wordOf('stream', value, STREAMS)
    default:
      return small.startsWith('metadata_') ? 'is not looked for; use a tag' : 'is not a known parameter'
  }
}

const wordOf = (name: string, value: string, words: Readonly<Record<string, string>>): Said => {
  const word = words[value]
  return word === undefined ? `wants one of ${Object.keys(words).join(', ')}` : [name, word]
}

export function readSearch(params: URLSearchParams, faults: FieldFault[]): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, value] of params) {
    const said = read(name, value)
    if (typeof said === 'string') {
      faults.push(notAvailable(name, said))
    } else if (said[0] !== '') query.set(said[0], said[1])
  }
  return query
}
