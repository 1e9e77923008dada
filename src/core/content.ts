import type { ContentId } from './ids.ts'

/**
 * What is stored once and sent to many. `submitted` keeps the bytes of an SMTP client (decision 8);
 * `composed` holds proven header lines and parts that mail/mime turns into bytes when they are due (decision 7);
 * `merged` is what many messages have in common, with merge tags in it: each message brings its own `Fill`.
 */
export type Content =
  | {
      readonly kind: 'submitted'
      readonly bytes: Uint8Array
      /** So many octets of the same memory before `bytes` are free for fields to come. */
      readonly room?: number
    }
  | { readonly kind: 'composed'; readonly parts: ComposedParts }
  | { readonly kind: 'merged'; readonly parts: MergedParts }

export interface ComposedParts {
  /** Encoded header lines, each ended by CRLF, without MIME-Version and Content-*; From, To, Subject, Date, Message-ID included. */
  readonly header: string
  readonly text: string | null
  readonly html: string | null
  readonly attachments: readonly Attachment[]
}

/**
 * Stored once, however many messages are made of it. Its html and text are Liquid that needs nothing beside itself:
 * layouts, partials and MJML are resolved before (mail/templates).
 */
export interface MergedParts {
  /** Encoded header lines that all messages have in common, each ended by CRLF; a fill's lines follow them. */
  readonly header: string
  readonly html: string | null
  /** Null beside html: each copy's is made of its html. */
  readonly text: string | null
  /** What `{{ unsubscribe_url }}` stands for in html and text; null: there is no such variable. */
  readonly wayOut: string | null
  readonly attachments: readonly Attachment[]
}

/**
 * What one message adds to a merged content: frozen when it is accepted, proven to render, merged whenever a copy is
 * made. It is kept and travels as JSON text: between the door and the worker nobody reads it.
 */
export interface Fill {
  /** Encoded header lines of its own: To, Cc, Subject, Date, Message-ID and the like, each ended by CRLF. */
  readonly header: string
  /** Null: nothing is merged, and literal braces survive. */
  readonly data: Readonly<Record<string, unknown>> | null
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
