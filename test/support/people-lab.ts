//
// Owns: a lab with people in it, asked as a browser or a program would ask.

import type { UserAdded } from '../../src/admin/people-rows.ts'
import { MINUTE } from '../../src/core/time.ts'
import { type Lab, type LabOptions, must, startLab } from './appliance.ts'
import { until } from './until.ts'

export type Json = Readonly<Record<string, unknown>>
export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: shapes are what these tests are about
  readonly body: any
}
type Fields = Readonly<Record<string, string>>

export const PASSWORD = 'a horse that is correct'
export const OWNER = 'owner@example.net'

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
export const said = ({ body, status }: Answer) => [status, body.error?.code]

export class PeopleLab {
  readonly lab: Lab
  /** The owner's token. */
  owner = ''

  private constructor(lab: Lab) {
    this.lab = lab
  }

  static async start(options: LabOptions = {}): Promise<PeopleLab> {
    const people = new PeopleLab(await startLab(options))
    if (!options.beside) await people.add(OWNER, 'owner')
    people.owner = await people.loggedIn(OWNER)
    return people
  }

  async call(method: string, path: string, body?: Json, headers: Fields = {}): Promise<Answer> {
    const answer = await this.lab.fetch(path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, headers: answer.headers, body: await answer.json() }
  }

  async add(
    address: string,
    role: string,
    account = 'default',
    password: string | null = PASSWORD,
  ): Promise<UserAdded> {
    return must(await this.lab.admin.userAdd({ address, role, account, name: '', password }))
  }

  login(email: string, more: Json = {}): Promise<Answer> {
    return this.#patiently(this.call('POST', '/v1/sessions', { email, password: PASSWORD, ...more }))
  }

  async loggedIn(email: string): Promise<string> {
    const { body, status } = await this.login(email)
    if (status !== 200) throw new Error(JSON.stringify(body))
    return body.token
  }

  /** The token in the newest letter to an address. */
  async tokenIn(to: string): Promise<string> {
    const found = (): string | undefined =>
      this.lab.mx.messages
        .filter(({ forwardPaths }) => forwardPaths.some((one) => one.toLowerCase().includes(to)))
        .map(({ bytes }) => /\bmw[ir]_\w{40}/.exec(bytes.toString().replaceAll('=\r\n', ''))?.[0])
        .findLast((token) => token !== undefined)
    await until(`a letter to ${to} came`, () => found() !== undefined)
    return found() ?? ''
  }

  /** What was guessed wrongly before is forgiven. */
  forgiven(): Promise<void> {
    return this.lab.advance(11 * MINUTE)
  }

  /** What waits because it was wrong before has its answer when the clock moves. */
  async #patiently<T>(asked: Promise<T>): Promise<T> {
    const late = Symbol('late')
    const first = await Promise.race([asked, Bun.sleep(1500).then(() => late)])
    return first === late ? this.lab.meanwhile(asked) : asked
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]()
  }
}
