//
// Owns: xtext (RFC 3461 §4): printable ASCII in which `+XX` stands for an octet.

/**
 * Null for what is no xtext, and for what hides a control character in it: such values end in
 * headers and logs (T7). Characters beyond ASCII belong to SMTPUTF8 (RFC 6533 §3).
 */
export function parseXtext(text: string): string | null {
  if (!/^(?:[!-*,-<>-~\u{a0}-\u{10ffff}]|\+[0-9A-F]{2})*$/u.test(text)) return null
  if (!text.includes('+')) return text
  const decoded = text.replace(/\+([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return /^[ -~\u{a0}-\u{10ffff}]*$/u.test(decoded) ? decoded : null
}
