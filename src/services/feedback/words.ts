//
// Owns: why sending is warned of or paused, in plain words: for the operator's letter, the door's refusal and lists. Pure.

import type { SendingState } from '../../store/sending-store.ts'
import { type Finding, LIMITS } from './judge.ts'

type Whom = Pick<SendingState, 'kind' | 'name'>

/** `account`: its name. */
export function whose({ kind, name }: Whom, account: string): string {
  switch (kind) {
    case 'account':
      return `the account ${account}`
    case 'domain':
      return name
    case 'stream':
      return `the stream ${name} of the account ${account}`
    default:
      return kind satisfies never
  }
}

/** What reaches a limit, the worst first. */
export function reasonOf(all: readonly Finding[]): string {
  const bad = all.filter(({ level }) => level !== 'ok')
  const inOrder = bad.toSorted((one, other) => rank(other) - rank(one))
  return inOrder.map(sentence).join(' ')
}

const rank = ({ level }: Finding): number => (level === 'paused' ? 1 : 0)

function sentence({ among, count, level, of }: Finding): string {
  const limit = level === 'paused' ? LIMITS[of].pause : LIMITS[of].warn
  const mails = `${number(count)} of ${number(among)} mails`
  const what =
    of === 'complaints'
      ? `${mails} were marked as spam at providers that report it`
      : `${mails} went to addresses that do not exist`
  const does = level === 'paused' ? 'pauses marketing mail' : 'is a warning'
  return `In 7 days ${what}: ${percent(count / among)}, and ${percent(limit / 1_000)} ${does}.`
}

/** What can be done about it. */
export function remedyOf(all: readonly Finding[]): string {
  const bad = new Set(all.filter(({ level }) => level !== 'ok').map(({ of }) => of))
  const remedies: string[] = []
  if (bad.has('complaints')) {
    remedies.push(
      'People who did not ask for this mail, or find no way to leave, report it. Write to those who asked for it and have read it lately, and make leaving easy.',
    )
  }
  if (bad.has('hard_bounces')) {
    remedies.push(
      'A list with so many dead addresses is old, bought or typed carelessly. Have new addresses confirmed, and leave out those that nobody has answered from for a year.',
    )
  }
  return remedies.join('\n\n')
}

const number = (count: number): string => count.toLocaleString('en')
const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`

/** What the door says; null: nothing is paused. */
export function refusalOf(paused: SendingState | null): string | null {
  if (paused === null) return null
  return `${isPaused(paused)} Transactional mail goes on; the operator resumes with "mailwok sending resume".`
}

/** Why mail waits that was accepted before. */
export const waitsOf = (paused: SendingState | null): string | null =>
  paused === null ? null : `${isPaused(paused)} It goes on after "mailwok sending resume".`

/** To the account itself, which has no other name for it. */
function isPaused({ kind, name, reason, since }: SendingState): string {
  const at = new Date(since).toISOString()
  const of = kind === 'domain' ? name : 'this account'
  // The worst alone: a reply over SMTP has one line (RFC 5321 §4.5.3.1.5).
  const [worst = ''] = reason.split(/(?<=\.) (?=In 7 days )/)
  return `Marketing mail of ${of} is paused since ${at.slice(0, 10)} ${at.slice(11, 16)} UTC. ${worst}`
}

/** Why mail of an account waits that is suspended; null: it is not. */
export const suspendedOf = (reason: string | null): string | null =>
  reason === null
    ? null
    : `This account is suspended${reason === '' ? '' : `: ${reason}`}. Its mail goes on when the operator resumes it.`
