//
// Owns: what the operator asks about messages, and what he is answered. Keys as in the REST API.

export interface MessageReport {
  readonly message: {
    readonly id: string
    readonly account: string
    readonly from: string
    readonly subject: string
    readonly source: string
    readonly stream: string
    readonly tags: readonly string[]
    readonly size: number
    readonly created_at: string
    readonly expires_at: string
  }
  readonly deliveries: readonly {
    readonly id: string
    readonly recipient: string
    readonly state: string
    readonly attempts: number
    readonly due_at: string | null
    readonly finished_at: string | null
  }[]
  readonly attempts: readonly {
    readonly delivery_id: string
    readonly number: number
    readonly at: string
    readonly outcome: string
    readonly mx: string | null
    readonly address: string | null
    readonly tls: string | null
    readonly code: number | null
    readonly enhanced_code: string | null
    readonly diagnostic: string
  }[]
  readonly events: readonly {
    readonly at: string
    readonly type: string
    readonly recipient: string
    readonly detail: string
  }[]
}

export interface MessageListAsk {
  /** An address, or `@` and a domain; null: to everybody. */
  readonly recipient: string | null
  readonly state: string | null
  readonly limit: number
  /** An address, or `@` and a domain; as `recipient`. */
  readonly from?: string
  /** Words that all stand in it. */
  readonly subject?: string
  readonly tag?: string
  readonly since?: string
  readonly until?: string
}

export interface MessageListing {
  readonly messages: readonly MessageRow[]
  /** Nothing older than this was looked at; null: all was. */
  readonly looked_to: string | null
}

/** One recipient's copy. */
export interface MessageRow {
  readonly message_id: string
  readonly accepted_at: string
  readonly state: string
  readonly recipient: string
  readonly from: string
  readonly subject: string
  readonly test: boolean
}

export type MessagePart = 'html' | 'text' | 'raw'

export interface MessageContentAsk {
  readonly id: string
  readonly part: MessagePart
  /** Null: the first. */
  readonly recipient: string | null
}

export interface MessageCopy {
  readonly message_id: string
  readonly recipient: string
  /** `captured`: as it went into the folder. `rendered`: made now. */
  readonly source: 'captured' | 'rendered'
  readonly part: MessagePart
  /** Raw messages are octets, and travel as base64. */
  readonly encoding: 'utf-8' | 'base64'
  readonly content: string
}

export interface SendAsk {
  readonly account: string
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string | null
  readonly html: string | null
  readonly tags: readonly string[]
}

export interface Sent {
  readonly message_id: string
  readonly status: string
  readonly estimated_delivery: string
}

export interface MessageRescheduleAsk {
  readonly id: string
  /** RFC 3339, or `now`. */
  readonly at: string
}

/** Where each recipient stands after somebody steered the message. */
export interface SteeredRow {
  readonly message_id: string
  readonly scheduled_at: string | null
  /** How many copies were changed. */
  readonly moved: number
  readonly recipients: readonly { readonly recipient: string; readonly status: string }[]
}
