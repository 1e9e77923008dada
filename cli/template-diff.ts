//
// Owns: in which lines a template on a node and its files differ, in few words.

import type { TemplateWords } from '../src/admin/template-rows.ts'

/** Lines that are told of one part; the rest is counted. */
const TOLD = 20

export function differences(before: TemplateWords | null, after: TemplateWords): readonly string[] {
  const said: string[] = []
  for (const part of ['subject', 'html', 'mjml', 'text'] as const) {
    const lines = lineDifferences(before?.[part] ?? '', after[part] ?? '')
    if (lines.length === 0) continue
    said.push(`${part}:`, ...lines.slice(0, TOLD))
    if (lines.length > TOLD) said.push(`  … and ${lines.length - TOLD} lines more`)
  }
  if (before === null) return said
  if (before.inline_css !== after.inline_css) said.push(`inline_css: ${after.inline_css}`)
  if (!Bun.deepEquals(before.sample, after.sample)) said.push('sample: other data')
  return said
}

/** What both begin and end with is left out: what is between is gone, and there. */
function lineDifferences(before: string, after: string): readonly string[] {
  if (before === after) return []
  const old = before.split('\n')
  const fresh = after.split('\n')
  let start = 0
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start++
  let end = 0
  while (
    end < old.length - start &&
    end < fresh.length - start &&
    old[old.length - 1 - end] === fresh[fresh.length - 1 - end]
  ) {
    end++
  }
  return [
    ...(before === '' ? [] : old.slice(start, old.length - end).map((line) => `  -${line}`)),
    ...(after === '' ? [] : fresh.slice(start, fresh.length - end).map((line) => `  +${line}`)),
  ]
}
