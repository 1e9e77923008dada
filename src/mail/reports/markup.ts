//
// Owns: whether a text is XML such as reports are made of, seen before a parser makes a tree of it: a thousand times as
// large as its text is what some trees become (T16). One look at each tag; pure.

/** The schemas have some fifty, and extensions are few. */
const MAX_NAMES = 300
/** Twenty thousand rows of forty tags, and room. */
const MAX_TAGS = 1_500_000
/** The XML declaration, a style sheet, comments of who wrote it. */
const MAX_ASIDES = 1000
const MAX_NAME_CHARACTERS = 100
/** Namespaces on the root element; the schemas know no other attributes. */
const MAX_TAG_CHARACTERS = 2000

const SLASH = 47
const BANG = 33
const QUESTION = 63

export function isReportMarkup(text: string): boolean {
  const names = new Set<string>()
  let asides = 0
  let tags = 0
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at + 1)) {
    if (++tags > MAX_TAGS) return false
    const first = text.charCodeAt(at + 1)
    if (isAside(first)) {
      if (++asides > MAX_ASIDES || isDeclaration(text, at)) return false
      continue
    }
    const end = text.indexOf('>', at)
    // Half a report is not malice: the parser says what it is.
    if (end === -1) return text.length - at <= MAX_TAG_CHARACTERS
    if (end - at > MAX_TAG_CHARACTERS) return false
    // Ends repeat what starts have said.
    if (first !== SLASH) names.add(nameIn(text.slice(at + 1, Math.min(end, at + MAX_NAME_CHARACTERS))))
    if (names.size > MAX_NAMES) return false
  }
  return true
}

const isAside = (first: number): boolean => first === BANG || first === QUESTION

const isDeclaration = (text: string, at: number): boolean =>
  /^<!(?:DOCTYPE|ENTITY)/i.test(text.slice(at, at + 10))

const nameIn = (tag: string): string => /^[^\s/>]*/.exec(tag)?.[0] ?? ''
