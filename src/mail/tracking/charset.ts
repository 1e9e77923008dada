//
// Owns: octets of an html part → a string in which markup can be found, offset by offset, whatever the charset.
// Never: a true decoding. Offsets have to lead back to octets; what is beyond ASCII only has to stay beyond it.

import type { Readable } from './edits.ts'
import type { Letters } from './template.ts'

export interface Reading extends Readable {
  readonly letters: Letters
  /** Octets per character of `page`. */
  readonly width: 1 | 2
}

/**
 * Charsets in which the octets of markup (<, >, quotes, =, &, white space) are nothing else, neither alone nor as the second
 * octet of a character (Encoding Standard § 9 to § 13). What is missing here goes untracked.
 */
const ASCII_BELOW =
  /^(?:us-ascii|ascii|ansi_x3\.4-1968|iso-?8859-\d{1,2}(?:-[ei])?|latin-?\d|(?:windows|x-cp|cp)-?125\d|windows-(?:874|31j|936|949)|cp(?:874|932|936|949|866)|ibm866|koi8-(?:r|u|ru)|macintosh|x-mac-[a-z]{1,20}|shift[_-]jis|x-sjis|sjis|ms_kanji|gb2312|gbk|x-gbk|gb18030|big5(?:-hkscs)?|euc-(?:jp|kr|tw)|ks_c_5601-1987|tis-620)$/

/** Null: a charset that nobody here can read. */
export function readingOf(octets: Buffer, charset: string): Reading | null {
  const name = charset.trim().toLowerCase()
  if (name === '' || ASCII_BELOW.test(name)) return byOctets(octets.toString('latin1'), false)
  if (name === 'utf-8' || name === 'utf8') return byOctets(octets.toString('latin1'), true)
  if (/^iso-2022-jp(?:-[123]|-ms|-2004)?$/.test(name)) return iso2022(octets)
  if (/^utf-?16(?:le|be)?$/.test(name)) return utf16(octets, name)
  return null
}

function byOctets(page: string, utf8: boolean): Reading {
  const textOf = (start: number, end: number): string => {
    const text = page.slice(start, end)
    return utf8 && BEYOND_ASCII.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text
  }
  return { page, textOf, unicode: utf8, letters: 'octets', width: 1 }
}

const BEYOND_ASCII = /[\x80-\xff]/

const ESCAPE = 27
/** RFC 1468: ESC ( B is ASCII, ESC ( J its Japanese likeness. */
const TO_ASCII = /^\([BJ]/
/** Any character beyond ASCII. */
const VEIL = '\u00ff'

/** Between escape sequences stand octets below 128 that are no ASCII: markup must not be found in them. */
function iso2022(octets: Buffer): Reading | null {
  const text = octets.toString('latin1')
  let page = ''
  let from = 0
  let veiled = false
  for (let at = octets.indexOf(ESCAPE); at !== -1; at = octets.indexOf(ESCAPE, at + 1)) {
    page += veiled ? VEIL.repeat(at - from) : text.slice(from, at)
    veiled = !TO_ASCII.test(text.slice(at + 1, at + 3))
    // The sequence's own octets; those to other sets belong to what is veiled.
    const length = Math.min(veiled ? 1 : 3, text.length - at)
    page += VEIL.repeat(length)
    from = at + length
  }
  // Whatever is put at the end would be read as Japanese.
  if (veiled) return null
  return byOctets(page + text.slice(from), false)
}

/** Without a mark and a name for it the order is told by the first "<": half of a page is ASCII. */
function utf16(octets: Buffer, name: string): Reading {
  const marked = octets[0] === 0xfe && octets[1] === 0xff
  const big =
    marked || (name.endsWith('be') && !(octets[0] === 0xff && octets[1] === 0xfe)) || looksBig(octets, name)
  const whole = octets.subarray(0, octets.length & ~1)
  const page = big ? Buffer.from(whole).swap16().toString('utf16le') : whole.toString('utf16le')
  const textOf = (start: number, end: number): string => page.slice(start, end)
  return { page, textOf, unicode: true, letters: big ? 'utf-16be' : 'utf-16le', width: 2 }
}

const looksBig = (octets: Buffer, name: string): boolean =>
  !name.endsWith('le') && octets[0] === 0 && octets[1] !== 0
