/** RFC 3463 §2: class.subject.detail, such as 5.1.1. */
export interface EnhancedStatus {
  readonly class: 2 | 4 | 5
  readonly subject: number
  readonly detail: number
}

/** One SMTP reply (RFC 5321 §4.2), its lines joined by "\n", without codes. */
export interface Reply {
  readonly code: number
  readonly enhanced: EnhancedStatus | null
  readonly text: string
}

export const formatEnhanced = (status: EnhancedStatus): string =>
  `${status.class}.${status.subject}.${status.detail}`

/** RFC 2034 §4: the code stands at the start of the text and its class agrees with the reply's first digit. */
export function parseEnhanced(text: string, code: number): EnhancedStatus | null {
  const match = /^([245])\.(\d{1,3})\.(\d{1,3})(?:\s|$)/.exec(text)
  if (!match) return null
  const cls = Number(match[1])
  if (cls !== Math.floor(code / 100)) return null
  return { class: cls as 2 | 4 | 5, subject: Number(match[2]), detail: Number(match[3]) }
}
