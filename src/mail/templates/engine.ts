//
// Owns: how Liquid is set up here, for merging as for proving that a template can be read (T12).

import type { Liquid } from 'liquidjs'
import { addHtmlFilters } from './html-filters.ts'
import { addScopeTags } from './scope-tags.ts'

/** Characters of one template. A page beyond this is an attachment in disguise. */
const MAX_TEMPLATE = 2_000_000
/** Characters and elements that filters may make. */
const MEMORY_LIMIT = 10_000_000
/** Wall time of one render; far above any honest template, below what a caller notices in others' answers. */
const RENDER_LIMIT_MS = 200

/** Tags that would look for other templates; at this time there are none to find. */
const WITHOUT_TAGS = ['include', 'render', 'layout', 'block'] as const

export const ENGINE_OPTIONS = {
  ownPropertyOnly: true,
  strictFilters: true,
  strictVariables: true,
  lenientIf: true,
  // What a template prints must not depend on the zone of the machine that renders it.
  timezoneOffset: 0,
  // Nor on its language: months are named in English everywhere.
  locale: 'en-US',
  parseLimit: MAX_TEMPLATE,
  memoryLimit: MEMORY_LIMIT,
  renderLimit: RENDER_LIMIT_MS,
} as const

export function prepare(liquid: Liquid, escaped: boolean): Liquid {
  if (escaped) addHtmlFilters(liquid)
  addScopeTags(liquid)
  for (const tag of WITHOUT_TAGS) delete liquid.tags[tag]
  return liquid
}
