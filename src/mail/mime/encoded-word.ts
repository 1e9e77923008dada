//
// Owns: reading encoded-words (RFC 2047 §6) in values that others wrote.
// Never: fails. What cannot be decoded stays as it was written.

const WORD = /=\?([A-Za-z0-9_.:-]{1,40})(?:\*[A-Za-z0-9-]{1,20})?\?([QqBb])\?([!->@-~]{0,2000})\?=/g

export function decodeEncodedWords(text: string): string {
  if (!text.includes('=?')) return text
  let out = ''
  let from = 0
  let pending: Pending | null = null
  for (const match of text.matchAll(WORD)) {
    const [whole, charset = '', letter = '', data = ''] = match
    const between = text.slice(from, match.index)
    // White space between encoded-words is not part of the text (§6.2).
    const adjacent = pending !== null && /^[ \t\r\n]*$/.test(between)
    const octets = letter.toUpperCase() === 'Q' ? unquote(data) : Buffer.from(data, 'base64')
    if (adjacent && pending?.charset === charset.toLowerCase()) {
      // Some writers split characters over words: octets are joined before they are decoded.
      pending.octets.push(octets)
    } else {
      out += flush(pending) + (adjacent ? '' : between)
      pending = { charset: charset.toLowerCase(), octets: [octets] }
    }
    from = match.index + whole.length
  }
  return out + flush(pending) + text.slice(from)
}

interface Pending {
  readonly charset: string
  readonly octets: Buffer[]
}

function flush(pending: Pending | null): string {
  if (pending === null) return ''
  const octets = Buffer.concat(pending.octets)
  if (pending.charset === 'utf-8' || pending.charset === 'us-ascii') return octets.toString('utf8')
  const decoder = decoderFor(pending.charset)
  return decoder === null ? octets.toString('latin1') : decoder.decode(octets)
}

/** Labels nobody knows are met in the wild; the constructor's throw is their look-up. */
function decoderFor(charset: string): TextDecoder | null {
  try {
    return new TextDecoder(charset as Bun.Encoding)
  } catch {
    return null
  }
}

const unquote = (data: string): Buffer =>
  Buffer.from(
    data
      .replaceAll('_', ' ')
      .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
