//
// Owns: character references in an attribute's value (HTML Living Standard § 13.2.5.72 and following), as far as links
// hold them.
// Never: guesses. A name that is not in the table, though it looks like one, makes the value unreadable: its link stays.

/** Names from U+00A0 on, in their order; these count without a semicolon too. */
const LATIN_1 =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro ' +
  'para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil ' +
  'Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave ' +
  'Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml ' +
  'igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute ' +
  'thorn yuml'

/** Count without a semicolon for the sake of old pages. */
const WITHOUT_SEMICOLON: ReadonlyMap<string, string> = new Map([
  ...LATIN_1.split(' ').map((name, index) => [name, String.fromCharCode(0xa0 + index)] as const),
  ...Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', AMP: '&', LT: '<', GT: '>', QUOT: '"' }),
  ['COPY', '\u00a9'],
  ['REG', '\u00ae'],
])

/** ASCII by name: what writers of links who escape everything make of it. */
const WITH_SEMICOLON: ReadonlyMap<string, string> = new Map(
  Object.entries({
    apos: "'",
    Tab: '\t',
    NewLine: '\n',
    excl: '!',
    num: '#',
    dollar: '$',
    percnt: '%',
    lpar: '(',
    rpar: ')',
    ast: '*',
    midast: '*',
    plus: '+',
    comma: ',',
    period: '.',
    sol: '/',
    colon: ':',
    semi: ';',
    equals: '=',
    quest: '?',
    commat: '@',
    lsqb: '[',
    lbrack: '[',
    bsol: '\\',
    rsqb: ']',
    rbrack: ']',
    Hat: '^',
    lowbar: '_',
    grave: '`',
    lcub: '{',
    lbrace: '{',
    verbar: '|',
    vert: '|',
    rcub: '}',
    rbrace: '}',
  }),
)

const REFERENCE = /&(?:#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?|([A-Za-z][A-Za-z0-9]*)(;|=)?)/g

/** The value as a browser reads it; null when that cannot be told for certain. */
export function decodeReferences(value: string): string | null {
  if (!value.includes('&')) return value
  // Nearly all that links hold.
  if (!/&(?!amp;)/.test(value)) return value.replaceAll('&amp;', '&')
  let out = ''
  let from = 0
  for (const match of value.matchAll(REFERENCE)) {
    const [whole, hex, decimal, name = '', after = ''] = match
    const read =
      hex !== undefined || decimal !== undefined
        ? numbered(hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal))
        : named(name, after, whole)
    if (read === null) return null
    out += value.slice(from, match.index) + read
    from = match.index + whole.length
  }
  return out + value.slice(from)
}

/** `&copy=1` is a parameter, not a sign: § 13.2.5.73 spares attributes where "=" or a letter follows. */
function named(name: string, after: string, whole: string): string | null {
  if (after !== ';') {
    const read = after === '=' ? undefined : WITHOUT_SEMICOLON.get(name)
    return read ?? whole
  }
  return WITHOUT_SEMICOLON.get(name) ?? WITH_SEMICOLON.get(name) ?? null
}

/** § 13.2.5.80 turns the rest into something else by tables; nobody writes those into links. */
function numbered(code: number): string | null {
  const plain =
    (code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code < 0xd800) || (code > 0xdfff && code <= 0x10ffff)
  const white = code === 9 || code === 10
  return plain || white ? String.fromCodePoint(code) : null
}
