//
// Owns: the client's side of AUTH (RFC 4954) with PLAIN (RFC 4616) or LOGIN. A pure state machine: replies in, lines out.
// Never: whether the connection is safe enough for it (opening.ts), or the secret anywhere but in `text`.

import type { Reply } from '../../core/reply.ts'

export interface Credentials {
  readonly username: string
  readonly password: string
}

export type AuthStep =
  | { readonly kind: 'write'; readonly text: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly detail: string }

/** RFC 5321 §4.5.3.1.4: a longer first line goes in two. */
const MAX_COMMAND_OCTETS = 512
/** RFC 4954 §4: the server waits for what it asked for. */
const CONTINUE = 334

export class Authentication {
  readonly #mechanism: 'PLAIN' | 'LOGIN' | null
  readonly #answers: string[]
  readonly #first: string
  #step = 0

  constructor({ username, password }: Credentials, offered: readonly string[]) {
    this.#mechanism = offered.includes('PLAIN') ? 'PLAIN' : offered.includes('LOGIN') ? 'LOGIN' : null
    const [name, secret] = [base64(username), base64(password)]
    const both = base64(`\0${username}\0${password}`)
    const whole = `AUTH PLAIN ${both}\r\n`
    if (this.#mechanism === 'LOGIN') {
      this.#first = 'AUTH LOGIN\r\n'
      this.#answers = [name, secret]
    } else {
      const fits = whole.length <= MAX_COMMAND_OCTETS
      this.#first = fits ? whole : 'AUTH PLAIN\r\n'
      this.#answers = fits ? [] : [both]
    }
  }

  /** The command that is being answered, without what is secret. */
  get said(): string {
    if (this.#step === 0) return `AUTH ${this.#mechanism ?? ''}`
    return this.#mechanism === 'LOGIN' && this.#step === 1 ? 'AUTH (name)' : 'AUTH (secret)'
  }

  begin(): AuthStep {
    if (this.#mechanism !== null) return { kind: 'write', text: this.#first }
    return { kind: 'refused', detail: 'the peer offers neither AUTH PLAIN nor AUTH LOGIN' }
  }

  reply(reply: Reply): AuthStep {
    if (reply.code === 235) return { kind: 'done' }
    const answer = this.#answers[this.#step]
    if (reply.code !== CONTINUE || answer === undefined) {
      return { kind: 'refused', detail: `the peer refused our credentials: ${reply.code} ${reply.text}` }
    }
    this.#step += 1
    return { kind: 'write', text: `${answer}\r\n` }
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** A peer that repeats what it did not understand must not bring a secret into evidence. */
export function withoutSecrets(reply: Reply, { username, password }: Credentials): Reply {
  let { text } = reply
  for (const secret of [base64(`\0${username}\0${password}`), base64(password), password]) {
    if (secret !== '') text = text.replaceAll(secret, '***')
  }
  return text === reply.text ? reply : { ...reply, text }
}
