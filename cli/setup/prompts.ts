//
// Owns: questions to a person at a terminal.
// Never: without one. Questions go to standard error: results alone go to standard output.

import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

export interface Prompts extends Disposable {
  /** What was typed, without blanks around it. */
  ask(about: string, present: string): Promise<string>
  /** Nothing of it is shown. */
  secret(about: string): Promise<string>
  /** No, unless the answer begins with y. */
  yes(about: string): Promise<boolean>
  tell(line: string): void
}

/** Null where nobody sits. */
export function openPrompts(): Prompts | null {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return null
  let isMute = false
  const output = new Writable({
    write: (chunk, _encoding, done) => {
      if (!isMute) process.stderr.write(chunk)
      done()
    },
  })
  const lines = createInterface({ input: process.stdin, output, terminal: true })
  // Nothing has been written before all is known: going away leaves nothing behind.
  lines.on('SIGINT', () => process.exit(130))
  lines.on('close', () => process.stdin.unref?.())
  const ask = async (about: string, present: string): Promise<string> =>
    (await lines.question(present === '' ? `${about}: ` : `${about} [${present}]: `)).trim()
  return {
    ask,
    secret: async (about) => {
      process.stderr.write(`${about}: `)
      isMute = true
      try {
        return await lines.question('')
      } finally {
        isMute = false
        process.stderr.write('\n')
      }
    },
    yes: async (about) => /^y/i.test(await ask(`${about} (y or n)`, '')),
    tell: (line) => void process.stderr.write(`${line}\n`),
    [Symbol.dispose]: () => lines.close(),
  }
}
