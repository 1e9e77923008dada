//
// Owns: what the replies of single receivers mean: their own codes and words, which no general rule could know.
// Sources are their public pages; docs/bounces.md names them.

import type { BounceReason } from '../../core/failure.ts'
import { matches, PhraseTable } from './phrase.ts'
import type { Receiver, ReceiverName } from './receiver.ts'
import { AMERICAN } from './receivers-american.ts'
import { LARGEST } from './receivers-largest.ts'
import { OTHERS } from './receivers-others.ts'

const RECEIVERS: readonly Receiver[] = [...LARGEST, ...AMERICAN, ...OTHERS]
/** Nobody else has details of three digits. */
const OF_MICROSOFT_ALONE = /\.[1-9]\d\d$/
const MICROSOFT = RECEIVERS.find(({ name }) => name === 'microsoft') ?? null

const BY_MARK = new PhraseTable(RECEIVERS.map((receiver) => [receiver.marks, receiver] as const))

export interface ReceiverQuestion {
  /** comparable() words. */
  readonly words: string
  /** subject.detail of the enhanced code; empty without one. */
  readonly detail: string
  readonly stage: string
  readonly temporary: boolean
  readonly remoteMta: string | null
}

/** Whose reply it is, by its MX host or by words that nobody else writes. */
export function receiverOf(question: Pick<ReceiverQuestion, 'words' | 'remoteMta'>): ReceiverName | null {
  return find({ detail: '', ...question })?.name ?? null
}

/** What the receiver's own table says; null when it is silent. */
export function reasonByReceiver(question: ReceiverQuestion): BounceReason | null {
  for (const [told, reason] of find(question)?.rows ?? []) if (fits(told, question)) return reason
  return null
}

function find({
  words,
  detail,
  remoteMta,
}: Pick<ReceiverQuestion, 'words' | 'detail' | 'remoteMta'>): Receiver | null {
  if (remoteMta !== null) {
    for (const receiver of RECEIVERS) {
      if (receiver.hosts.some((host) => remoteMta === host || remoteMta.endsWith(`.${host}`))) return receiver
    }
  }
  return BY_MARK.first(words) ?? (OF_MICROSOFT_ALONE.test(detail) ? MICROSOFT : null)
}

const CODE = /^\d{1,2}\.\d{1,3}$/
const RANGE = /^(\d{1,2})\.(\d{1,3})-\1\.(\d{1,3})$/

function fits(told: string, { words, detail, stage, temporary }: ReceiverQuestion): boolean {
  return told.split(' + ').every((part) => {
    if (part === 'temporary') return temporary
    if (part.startsWith('at ')) return stage === part.slice(3)
    if (CODE.test(part)) return detail === part
    const range = RANGE.exec(part)
    if (range === null) return matches(words, part.split('*'))
    const [subject, number] = detail.split('.')
    return subject === range[1] && Number(number) >= Number(range[2]) && Number(number) <= Number(range[3])
  })
}
