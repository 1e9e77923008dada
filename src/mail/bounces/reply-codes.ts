//
// Owns: finding reply code and enhanced code in the words of a report, however its server wrote them down.

export interface FoundCodes {
  readonly code: number | null
  /** class.subject.detail. */
  readonly enhanced: string | null
}

/** Beyond this nobody repeats the code of the reply. */
const MAX_SCANNED = 2000

// No letter, digit, dot or dash before: "192.0.2.550" and a queue id hold no reply code.
const REPLY_CODE = /(?<![\w.-])([245][0-5]\d)(?=[\s:-]|$)/g
const ENHANCED = /(?<![\w.-])([245]\.\d{1,2}\.\d{1,3})(?![\w.]*\d)/g

/**
 * The first reply code, and the most telling enhanced code: one with a detail goes before x.0.0, one in the words
 * before the status field (servers that do not know better put 5.0.0 there).
 */
export function codesIn(words: string, status: string | null): FoundCodes {
  const text = words.slice(0, MAX_SCANNED)
  const code = codeIn(text)
  const all = [...text.matchAll(ENHANCED)].map((match) => match[1] ?? '')
  const told = all.filter((found) => code === null || found.startsWith(String(code)[0] ?? ''))
  const enhanced = told.find(isTelling) ?? (status !== null && isTelling(status) ? status : null)
  return { code, enhanced: enhanced ?? all.find(isTelling) ?? told[0] ?? status }
}

function codeIn(text: string): number | null {
  for (const match of text.matchAll(REPLY_CODE)) {
    const code = Number(match[1])
    // 2yz is no refusal, and numbers such as 404 are none of SMTP's.
    if (code >= 421 && !(code > 459 && code < 500)) return code
  }
  return null
}

const isTelling = (enhanced: string): boolean =>
  /^[45]\.\d{1,2}\.\d{1,3}$/.test(enhanced) && !enhanced.endsWith('.0.0')
