//
// Owns: messages that every verifier is asked about.

import { HEADER, type Parts, parts } from './dkim.ts'

export interface Sample {
  readonly name: string
  readonly message: Parts
}

/** 7-bit text with an ordinary body: what a signer of 2014 can do as well. */
export const PLAIN: readonly Sample[] = [
  { name: 'one line', message: parts(HEADER, 'Hello\r\n') },
  { name: 'untidy white space', message: parts(HEADER, ' a \t b  \r\n\tc\r\n\r\n\r\n') },
  { name: 'empty lines inside', message: parts(HEADER, 'a\r\n\r\n\r\nb\r\n') },
  { name: 'quoted-printable', message: parts(HEADER, 'caf=C3=A9 =\r\n=20\r\n') },
]

/** What a relay must carry and dkim-signer 0.2.2 breaks. */
export const HARD: readonly Sample[] = [
  { name: 'empty body', message: parts(HEADER, '') },
  { name: 'no-break and ideographic space', message: parts(HEADER, 'a\u00a0b \u3000c\r\n') },
  { name: '8-bit text that is not UTF-8', message: parts(HEADER, Buffer.from('caf\xe9 \xff\r\n', 'latin1')) },
  { name: 'VT and FF', message: parts(HEADER, 'a\x0bb\r\n\x0cpage\r\n') },
]
