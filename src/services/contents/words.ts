//
// Owns: the html or the text of a message for people to look at: the first such part that is no attachment, decoded. Pure.
// Never: the bytes of the whole message in another form than they have.

import { leavesOf, type MimeLeaf } from '../../mail/mime/tree.ts'
import { fromBase64, fromQuotedPrintable, transferOf } from '../../mail/tracking/transfer.ts'

export type WordsKind = 'html' | 'text'

/** Null: the message has no such part. */
export function wordsOf(message: Buffer, kind: WordsKind): string | null {
  const type = kind === 'html' ? 'text/html' : 'text/plain'
  const leaf = leavesOf(message)?.find((one) => one.type === type && !isAttached(one))
  return leaf === undefined ? null : decoded(message.subarray(leaf.bodyStart, leaf.bodyEnd), leaf)
}

function isAttached({ parameters, scan }: MimeLeaf): boolean {
  const disposition = scan.value('content-disposition') ?? ''
  return parameters.has('name') || /^\s*attachment\b|;\s*filename\b/i.test(disposition)
}

function decoded(body: Buffer, { parameters, scan }: MimeLeaf): string {
  return decoderFor(parameters.get('charset')).decode(octetsOf(body, scan.value('content-transfer-encoding')))
}

/** What cannot be decoded is shown as it stands. */
function octetsOf(body: Buffer, encoding: string | null): Buffer {
  const transfer = transferOf(encoding)
  switch (transfer) {
    case 'base64':
      return fromBase64(body) ?? body
    case 'quoted-printable':
      return fromQuotedPrintable(body).octets
    case 'as-is':
    case null:
      return body
    default:
      return transfer satisfies never
  }
}

function decoderFor(charset = 'utf-8'): TextDecoder {
  try {
    return new TextDecoder(charset.trim() as Bun.Encoding)
  } catch {
    // A name that nobody knows: every octet is at least something.
    return new TextDecoder('latin1')
  }
}
