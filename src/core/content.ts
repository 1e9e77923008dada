import type { ContentId } from './ids.ts'

/**
 * What is stored once and sent to many. `submitted` keeps the bytes of an SMTP client (decision 8);
 * `composed` holds proven header lines and parts that mail/mime turns into bytes when they are due (decision 7).
 */
export type Content =
  | {
      readonly kind: 'submitted'
      readonly bytes: Uint8Array
      /** So many octets of the same memory before `bytes` are free for fields to come. */
      readonly room?: number
    }
  | { readonly kind: 'composed'; readonly parts: ComposedParts }

export interface ComposedParts {
  /** Encoded header lines, each ended by CRLF, without MIME-Version and Content-*; From, To, Subject, Date, Message-ID included. */
  readonly header: string
  readonly text: string | null
  readonly html: string | null
  readonly attachments: readonly Attachment[]
}

export interface Attachment {
  readonly filename: string
  readonly contentType: string
  /** For `cid:` links of the html part; null makes it a plain attachment. */
  readonly contentId: string | null
  /** Base64 without line breaks. */
  readonly base64: string
}

/** Content as the store keeps it: opaque bytes, their SHA-256, and how to read them. */
export interface StoredContent {
  readonly id: ContentId
  readonly kind: Content['kind']
  readonly bytes: Uint8Array
  /** 32 octets; checked on each read from the store. */
  readonly sha256: Uint8Array
}
