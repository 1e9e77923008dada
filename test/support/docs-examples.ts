//
// Owns: examples as pages write them. A request is "```json request /path" with its body, or "```http request" as it goes
// over the wire; its answer is the next "```json answer 200", with fields of the header behind the status.

export interface DocsExample {
  readonly method: string
  readonly path: string
  readonly fields: Readonly<Record<string, string>>
  readonly body: string | null
  readonly status: number
  readonly answer: unknown
  readonly answerFields: readonly (readonly [string, string])[]
}

const BLOCK = /^```(json|http) (request|answer)\b ?([^\n]*)\n([\s\S]*?)^```$/gm

export function examplesOf(page: string): {
  readonly examples: readonly DocsExample[]
  readonly requests: number
} {
  const blocks = [...page.matchAll(BLOCK)].map(([, form = '', kind = '', more = '', text = '']) => ({
    form,
    kind,
    more,
    text,
  }))
  const examples = blocks.flatMap((block, at) => {
    const below = blocks[at + 1]
    if (block.kind !== 'request' || below?.kind !== 'answer') return []
    const [status = ''] = below.more.split(' ')
    const answerFields = below.more.slice(status.length).trim().split('; ').filter(Boolean).map(fieldOf)
    const asked = block.form === 'http' ? wire(block.text) : posted(block.more, block.text)
    return [{ ...asked, status: Number(status), answer: JSON.parse(below.text) as unknown, answerFields }]
  })
  return { examples, requests: blocks.filter(({ kind }) => kind === 'request').length }
}

function posted(more: string, text: string) {
  const [, method = 'POST', path = ''] = /^(?:([A-Z]+) )?(\/\S*)?/.exec(more) ?? []
  const body = text.trim() === '' ? null : text
  return { method, path: path || '/v1/email/send', fields: {}, body }
}

function wire(text: string) {
  const [head = '', ...rest] = text.split('\n\n')
  const [first = '', ...lines] = head.trimEnd().split('\n')
  const [method = '', path = ''] = first.split(' ')
  const body = rest.join('\n\n')
  return {
    method,
    path,
    fields: Object.fromEntries(lines.map(fieldOf)),
    body: body.trim() === '' ? null : body,
  }
}

const fieldOf = (line: string): readonly [string, string] => {
  const colon = line.indexOf(':')
  // What stands for the rest of a key cannot stand in a header.
  return [
    line.slice(0, colon).trim().toLowerCase(),
    line
      .slice(colon + 1)
      .replaceAll('…', '')
      .trim(),
  ]
}

/** Ids that the page made up, with those that they stand for. */
export function learn(shown: unknown, got: unknown, ids: Map<string, string>): void {
  if (typeof shown === 'string' && typeof got === 'string' && /^[a-z]{3,5}_[0-9a-z]{12}$/.test(shown))
    ids.set(shown, got)
  if (typeof shown !== 'object' || shown === null || typeof got !== 'object' || got === null) return
  for (const [key, value] of Object.entries(shown)) learn(value, (got as Record<string, unknown>)[key], ids)
}

export const withIds = (text: string, ids: ReadonlyMap<string, string>): string =>
  text.replace(/[a-z]{3,5}_[0-9a-z]{12}/g, (id) => ids.get(id) ?? id)

/** What differs from run to run, made equal. */
export const steady = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer), (key, value: unknown) =>
    /^(?:id|message_id|request_id|estimated_delivery|created_at|updated_at|secret|prefix)$/.test(key) &&
    value !== null
      ? key
      : value,
  )
