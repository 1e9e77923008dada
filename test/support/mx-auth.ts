//
// Owns: AUTH PLAIN and LOGIN as the scripted MX hears them (RFC 4954).

export interface MxAuth {
  readonly username: string
  readonly password: string
  readonly mechanisms: readonly ('PLAIN' | 'LOGIN' | 'XOAUTH2')[]
}

/** One exchange: lines of the client in, replies out; over with 235 or 535. */
export class AuthExchange {
  readonly #want: MxAuth
  #mechanism = ''
  #name: string | null = null

  constructor(want: MxAuth) {
    this.#want = want
  }

  begin(line: string): string {
    const [, mechanism = '', initial] = line.split(' ')
    this.#mechanism = mechanism.toUpperCase()
    if (!this.#want.mechanisms.some((one) => one === this.#mechanism)) return '504 5.5.4 not this one'
    if (this.#mechanism === 'LOGIN') return '334 VXNlcm5hbWU6'
    return initial === undefined ? '334 ' : this.#plain(initial)
  }

  goOn(line: string): string {
    if (this.#mechanism === 'PLAIN') return this.#plain(line)
    if (this.#name !== null) return this.#judge(this.#name, decoded(line))
    this.#name = decoded(line)
    return '334 UGFzc3dvcmQ6'
  }

  #plain(response: string): string {
    const [, username = '', password = ''] = decoded(response).split('\0')
    return this.#judge(username, password)
  }

  #judge(username: string, password: string): string {
    const right = username === this.#want.username && password === this.#want.password
    return right ? '235 2.7.0 welcome' : '535 5.7.8 no'
  }
}

const decoded = (text: string): string => Buffer.from(text, 'base64').toString()
