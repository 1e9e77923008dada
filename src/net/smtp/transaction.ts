//
// Owns: one mail transaction with one forward-path (RFC 5321 §3.3), pipelined where the peer offers it (RFC 2920).
// A pure state machine: replies in, steps out.
// Never: sockets, the message's bytes, or whether a refusal is permanent.

import { type ForwardPath, needsSmtpUtf8, type ReversePath } from '../../core/address.ts'
import type { Cause, SmtpStage } from '../../core/outcome.ts'
import type { Reply } from '../../core/reply.ts'
import type { Capabilities } from './capabilities.ts'
import { type DsnParameters, dsnOfMail, dsnOfRcpt } from './dsn.ts'

/** What the commands must know of a message. */
export interface Mail {
  readonly reversePath: ReversePath
  readonly forwardPath: ForwardPath
  /** Octets before dot stuffing (RFC 1870 §6.1). */
  readonly size: number
  readonly eightBit: boolean
  /** Octets beyond ASCII in the header. */
  readonly utf8Header: boolean
  readonly dsn: DsnParameters | null
  /** RFC 8689. */
  readonly requireTls: boolean
}

export type TransactionEnd =
  | {
      readonly kind: 'accepted'
      readonly reply: Reply
      /** The peer was told what the submitter wants to be told. */
      readonly dsnRelayed: boolean
    }
  | {
      readonly kind: 'failed'
      readonly cause: Cause
      /** The peer had not said a word about this transaction: a kept connection had gone stale. */
      readonly untouched: boolean
    }

export type TransactionStep =
  | { readonly kind: 'wait' }
  | { readonly kind: 'write'; readonly text: string }
  /** The content with its final dot. */
  | { readonly kind: 'write-content' }
  | {
      readonly kind: 'ended'
      readonly end: TransactionEnd
      /** What the session is good for now. */
      readonly session: 'ready' | 'needs-reset' | 'over'
    }

type Command = 'RSET' | 'MAIL' | 'RCPT' | 'DATA' | 'BODY' | 'EMPTY'

const WAIT: TransactionStep = { kind: 'wait' }
const WRITE_CONTENT: TransactionStep = { kind: 'write-content' }
/** RFC 2920 §3.1: DATA went out with a RCPT that was refused; an empty content ends it. */
const WRITE_EMPTY: TransactionStep = { kind: 'write', text: '.\r\n' }

export class Transaction {
  readonly #texts: readonly (readonly [Command, string])[]
  readonly #pipelined: boolean
  readonly #size: number
  readonly #dsnRelayed: boolean
  /** What was refused first: it decides, whatever comes later. */
  #failure: Cause | null = null
  #awaited = 0
  #inContent: 'BODY' | 'EMPTY' | null = null
  #contentSent = false
  #heard = false
  #mailAccepted = false

  constructor(mail: Mail, offered: Capabilities, reset: boolean) {
    const texts: [Command, string][] = reset ? [['RSET', 'RSET\r\n']] : []
    texts.push(['MAIL', `MAIL FROM:<${mail.reversePath ?? ''}>${parametersOf(mail, offered)}\r\n`])
    const dsn = offered.dsn ? mail.dsn : null
    const asked = dsn === null ? '' : dsnOfRcpt(dsn)
    texts.push(['RCPT', `RCPT TO:<${mail.forwardPath}>${asked}\r\n`], ['DATA', 'DATA\r\n'])
    this.#texts = texts
    this.#pipelined = offered.pipelining
    this.#size = mail.size
    this.#dsnRelayed = dsn !== null
  }

  /** The first bytes: with PIPELINING all commands in one packet. */
  begin(): TransactionStep {
    if (!this.#pipelined) return this.#nextCommand()
    let text = ''
    for (const [, command] of this.#texts) text += command
    return { kind: 'write', text }
  }

  get wait(): 'command' | 'data' | 'block' | 'finalDot' {
    switch (this.#current) {
      case 'BODY':
        return this.#contentSent ? 'finalDot' : 'block'
      case 'EMPTY':
        return 'finalDot'
      case 'DATA':
        return 'data'
      default:
        return 'command'
    }
  }

  get #current(): Command {
    return this.#inContent ?? this.#texts[this.#awaited]?.[0] ?? 'BODY'
  }

  /** What the next reply answers. */
  get said(): string {
    if (this.#inContent === 'BODY') return `(content of ${this.#size} octets)`
    if (this.#inContent === 'EMPTY') return '(no content)'
    return this.#texts[this.#awaited]?.[1].slice(0, -2) ?? ''
  }

  /** From here on the peer may have the message. */
  contentSent(): void {
    this.#contentSent = true
  }

  reply(reply: Reply): TransactionStep {
    const command = this.#current
    // 421 is the peer's last word in whatever state (RFC 5321 §3.8).
    if (reply.code === 421) return this.#peerLeaves(command, reply)
    this.#heard ||= command !== 'RSET'
    switch (command) {
      case 'RSET':
        return reply.code === 250 ? this.#advance() : this.broken('RSET was refused')
      case 'MAIL':
        this.#mailAccepted = isPositive(reply)
        return this.#answered('MAIL', reply)
      case 'RCPT':
        return this.#answered('RCPT', reply)
      case 'DATA':
        return this.#dataAnswered(reply)
      case 'BODY':
        return this.#contentAnswered(reply)
      case 'EMPTY':
        return this.#failed('ready')
      default:
        return command satisfies never
    }
  }

  /** Closed, timed out or unreadable. `unsent`: some of what was written has not left this machine. */
  broken(detail: string, unsent = false): TransactionStep {
    if (this.#failure === null) {
      const uncertain = this.#inContent === 'BODY' && this.#contentSent && !unsent
      this.#failure = uncertain
        ? { kind: 'uncertain', detail: `after the final dot: ${detail}` }
        : { kind: 'network', at: 'dialogue', detail: `${this.#current}: ${detail}` }
    }
    return this.#failed('over')
  }

  #answered(stage: 'MAIL' | 'RCPT', reply: Reply): TransactionStep {
    if (!isPositive(reply)) this.#failure ??= { kind: 'reply', stage, reply }
    return this.#advance()
  }

  #advance(): TransactionStep {
    this.#awaited += 1
    if (this.#pipelined) return WAIT
    return this.#failure === null ? this.#nextCommand() : this.#failed(this.#afterRefusal)
  }

  #nextCommand(): TransactionStep {
    return { kind: 'write', text: this.#texts[this.#awaited]?.[1] ?? '' }
  }

  #dataAnswered(reply: Reply): TransactionStep {
    if (reply.code === 354) {
      this.#inContent = this.#failure === null ? 'BODY' : 'EMPTY'
      return this.#failure === null ? WRITE_CONTENT : WRITE_EMPTY
    }
    this.#failure ??= { kind: 'reply', stage: 'DATA', reply }
    // 2yz to DATA: nobody knows what this peer waits for.
    return this.#failed(reply.code < 400 ? 'over' : this.#afterRefusal)
  }

  #contentAnswered(reply: Reply): TransactionStep {
    if (!this.#contentSent && reply.code < 400) return this.broken(`${reply.code} before the final dot`)
    if (isPositive(reply)) {
      const end: TransactionEnd = { kind: 'accepted', reply, dsnRelayed: this.#dsnRelayed }
      return { kind: 'ended', end, session: 'ready' }
    }
    this.#failure = { kind: 'reply', stage: 'BODY', reply }
    // Refused while we were still writing: the rest of the content would be read as commands.
    return this.#failed(this.#contentSent && reply.code >= 400 ? 'ready' : 'over')
  }

  #peerLeaves(command: Command, reply: Reply): TransactionStep {
    this.#failure ??= { kind: 'reply', stage: STAGE_OF[command], reply }
    return this.#failed('over')
  }

  /** RSET only where a transaction stands open at the peer. */
  get #afterRefusal(): 'ready' | 'needs-reset' {
    return this.#mailAccepted ? 'needs-reset' : 'ready'
  }

  #failed(session: 'ready' | 'needs-reset' | 'over'): TransactionStep {
    const cause: Cause = this.#failure ?? { kind: 'internal', detail: 'a failure without cause' }
    return { kind: 'ended', end: { kind: 'failed', cause, untouched: !this.#heard }, session }
  }
}

/** Why this peer cannot be given the message at all, found before a word is said. */
export function impossible(mail: Mail, offered: Capabilities): Cause | null {
  if (offered.size !== null && offered.size > 0 && mail.size > offered.size) {
    const detail = `the message has ${mail.size} octets, the peer takes ${offered.size}`
    return { kind: 'policy', rule: 'too-large', detail }
  }
  if (mail.requireTls && !offered.requireTls) {
    return { kind: 'policy', rule: 'requiretls-unsupported', detail: 'the peer does not offer REQUIRETLS' }
  }
  if (needsUtf8(mail) && !offered.smtpUtf8) {
    return {
      kind: 'policy',
      rule: 'smtputf8-required',
      detail: 'the message has an internationalized address or header and the peer does not offer SMTPUTF8',
    }
  }
  return null
}

function parametersOf(mail: Mail, offered: Capabilities): string {
  let parameters = offered.size === null ? '' : ` SIZE=${mail.size}`
  // RFC 6531 §3.6: SMTPUTF8 comes with 8BITMIME.
  if ((mail.eightBit || needsUtf8(mail)) && offered.eightBitMime) parameters += ' BODY=8BITMIME'
  if (needsUtf8(mail)) parameters += ' SMTPUTF8'
  if (mail.requireTls) parameters += ' REQUIRETLS'
  return offered.dsn && mail.dsn !== null ? parameters + dsnOfMail(mail.dsn) : parameters
}

const needsUtf8 = (mail: Mail): boolean =>
  mail.utf8Header ||
  needsSmtpUtf8(mail.forwardPath) ||
  (mail.reversePath !== null && needsSmtpUtf8(mail.reversePath))

const isPositive = (reply: Reply): boolean => reply.code >= 200 && reply.code < 300

const STAGE_OF: Readonly<Record<Command, SmtpStage>> = {
  RSET: 'MAIL',
  MAIL: 'MAIL',
  RCPT: 'RCPT',
  DATA: 'DATA',
  BODY: 'BODY',
  EMPTY: 'DATA',
}
