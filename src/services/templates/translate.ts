//
// Owns: a template of another service in its parts → ours, with notes on what did not go over.

import { fromHandlebars } from '../../mail/templates/handlebars.ts'
import { fromMustachio, fromResend } from '../../mail/templates/mustachio.ts'
import type { Translation, TranslationNote } from '../../mail/templates/translating.ts'

export const VENDORS = ['sendgrid', 'mailgun', 'postmark', 'resend'] as const
export type Vendor = (typeof VENDORS)[number]

export interface ForeignTemplate {
  readonly subject: string | null
  readonly html: string | null
  readonly text: string | null
}

export interface TranslatedTemplate extends ForeignTemplate {
  /** Empty: all of it means what it meant. */
  readonly notes: readonly (TranslationNote & { readonly part: keyof ForeignTemplate })[]
}

export function translate(from: Vendor, foreign: ForeignTemplate): TranslatedTemplate {
  const notes: (TranslationNote & { readonly part: keyof ForeignTemplate })[] = []
  const of = (part: keyof ForeignTemplate): string | null => {
    const source = foreign[part]
    if (source === null) return null
    const { text, notes: said } = translationOf(from, source, part === 'html')
    for (const note of said) notes.push({ part, ...note })
    return text
  }
  return { subject: of('subject'), html: of('html'), text: of('text'), notes }
}

function translationOf(from: Vendor, source: string, isHtml: boolean): Translation {
  switch (from) {
    case 'sendgrid':
    case 'mailgun':
      return fromHandlebars(source, { isHtml })
    case 'postmark':
      return fromMustachio(source, { isHtml })
    case 'resend':
      return fromResend(source)
    default:
      return from satisfies never
  }
}
