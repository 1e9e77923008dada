//
// Owns: how the API's answers look to a test. Everything is named as present: what is missing fails where it is expected.

export interface FieldView {
  readonly path: string
  readonly code: string
  readonly message: string
}

export interface BounceView {
  readonly type: 'hard' | 'soft'
  readonly reason: string
  readonly enhanced_code: string | null
  readonly diagnostic: string
}

export interface EventView {
  readonly id: string
  readonly event: string
  readonly timestamp: string
  readonly recipient: string
  readonly mx: string | null
  readonly ip: string | null
  readonly via: string
  readonly response: string
  readonly elapsed_ms: number
  readonly next_attempt_at: string
  readonly reason: string
  readonly bounce: BounceView
  readonly untracked?: string
}

export interface AttemptView {
  readonly number: number
  readonly outcome: string
  readonly started_at: string
  readonly mx: string | null
  readonly ip: string | null
  readonly source_ip: string | null
  readonly tls: { readonly version: string; readonly cipher: string } | null
  readonly code: number | null
  readonly enhanced_code: string | null
  readonly response: string
  readonly via: string
}

export interface DeliveryView {
  readonly delivery_id: string
  readonly recipient: string
  readonly status: string
  readonly attempts: readonly AttemptView[]
  readonly next_attempt_at: string | null
}

export interface AnswerBody {
  readonly success: boolean
  readonly message_id: string
  readonly status: string
  readonly estimated_delivery: string
  /** Absent in the answer to a send that leaves as soon as it can. */
  readonly scheduled_at?: string | null
  readonly expires_at?: string
  readonly subject: string
  readonly tags: readonly string[]
  readonly custom: unknown
  readonly deliveries: readonly DeliveryView[]
  readonly events: readonly EventView[]
  readonly error: {
    readonly code: string
    readonly message: string
    readonly fields: readonly FieldView[]
    readonly request_id: string
    readonly docs: string
  }
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: AnswerBody
}

export async function readAnswer(answer: Response): Promise<ApiAnswer> {
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as AnswerBody }
}

/** `kind` of the events of one recipient, or of all, in the order of the log, without `email.`. */
export const story = (view: AnswerBody, recipient?: string): readonly string[] =>
  view.events
    .filter((event) => recipient === undefined || event.recipient === recipient)
    .map((event) => event.event.replace('email.', ''))

/** The last event of that kind; its absence is a failure. */
export function eventOf(view: AnswerBody, kind: string, recipient?: string): EventView {
  const found = view.events.findLast(
    (event) => event.event === `email.${kind}` && (recipient === undefined || event.recipient === recipient),
  )
  if (!found) throw new Error(`no ${kind} among ${story(view).join(', ')}`)
  return found
}
