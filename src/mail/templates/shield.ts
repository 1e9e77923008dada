//
// Owns: words in the place of Liquid while MJML or CSS is worked on, which know nothing of Liquid; and Liquid again
// afterwards. In MJML, tags that stand between components are kept by mj-raw: text there would be dropped.

import { sourceTokens } from './source-tokens.ts'

export interface Shielded {
  readonly text: string
  /** Liquid stands again where its words are. */
  restore(text: string): string
  /** Whether a message speaks of one of the words. */
  concerns(message: string): boolean
}

export function shielded(source: string, isMjml: boolean): Shielded {
  const word = freeWord(source)
  const kept: string[] = []
  let text = ''
  for (const token of sourceTokens(source)) {
    text += token.kind === 'text' ? token.text : `${word}${kept.push(token.text) - 1}z`
  }
  // An attribute without a value may come back with an empty one.
  const standIns = new RegExp(`${word}(\\d+)z(?:="")?`, 'gi')
  return {
    text: isMjml ? keptBetween(text, word) : text,
    restore: (worked) => worked.replace(standIns, (_, number: string) => kept[Number(number)] ?? ''),
    concerns: (message) => message.toLowerCase().includes(word),
  }
}

/** Lower case, as attributes become; letters alone, as it may stand in CSS. */
function freeWord(source: string): string {
  const lower = source.toLowerCase()
  for (let length = 1; ; length++) {
    const word = `q${'x'.repeat(length)}liquid`
    if (!lower.includes(word)) return word
  }
}

/** Components whose inside MJML leaves as it is. */
const TEXTUAL =
  /^mj-(?:text|button|table|raw|title|preview|style|accordion-title|accordion-text|navbar-link|social-element|html-attribute)$/

/** Words within a tag or a component of text stay as they are. */
function keptBetween(text: string, word: string): string {
  let open: string | null = null
  // Before the first component there is nothing that could keep them.
  let isWithin = false
  const tagOrWord = new RegExp(
    `<!--[\\s\\S]*?-->|<(/?)(mj[\\w-]*)(?:"[^"]*"|'[^']*'|[^'">])*>|${word}\\d+z`,
    'gi',
  )
  return text.replace(tagOrWord, (all: string, slash?: string, component?: string) => {
    if (component === undefined) {
      return isWithin && open === null && !all.startsWith('<') ? `<mj-raw>${all}</mj-raw>` : all
    }
    const name = component.toLowerCase()
    if (name === 'mjml') isWithin = slash === ''
    if (slash !== '') open = open === name ? null : open
    else if (open === null && TEXTUAL.test(name) && !all.endsWith('/>')) open = name
    return all
  })
}
