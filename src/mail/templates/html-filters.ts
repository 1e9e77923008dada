//
// Owns: filters whose result is HTML already, so that what they print is not escaped a second time.
// Never: lets a value through unescaped; `raw` alone does, and says so.

import type { FilterImplOptions, Liquid } from 'liquidjs'

/** Authors know them from templates that escape nothing by themselves. */
const ESCAPING = ['escape', 'escape_once', 'xml_escape'] as const

/** Counts for the last filter of an output alone: whatever stands behind it is text again. */
export function addHtmlFilters(liquid: Liquid): void {
  for (const name of ESCAPING) {
    const handler = handlerOf(liquid.filters[name])
    if (handler) liquid.registerFilter(name, { raw: true, handler })
  }
  const escapeOnce = handlerOf(liquid.filters['escape_once'])
  if (!escapeOnce) return
  liquid.registerFilter('newline_to_br', {
    raw: true,
    handler(value: unknown) {
      return String(escapeOnce.call(this, value)).replace(/\r?\n/g, '<br />\n')
    },
  })
}

type Handler = Extract<FilterImplOptions, (...args: never[]) => unknown>

const handlerOf = (filter: FilterImplOptions | undefined): Handler | undefined =>
  typeof filter === 'function' ? filter : filter?.handler
