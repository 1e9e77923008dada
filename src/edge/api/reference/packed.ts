//
// Owns: texts that are made once and served often: packed for who takes that. None of them holds anything of whoever asks.

export class Packed {
  readonly #text: string
  readonly #fields: Readonly<Record<string, string>>
  #gzip: Uint8Array<ArrayBuffer> | null = null

  constructor(text: string, fields: Readonly<Record<string, string>>) {
    this.#text = text
    this.#fields = { ...fields, vary: 'accept-encoding' }
  }

  answer(request: Request): Response {
    if (!takesGzip(request)) return new Response(this.#text, { headers: this.#fields })
    this.#gzip ??= Bun.gzipSync(this.#text)
    return new Response(this.#gzip, { headers: { ...this.#fields, 'content-encoding': 'gzip' } })
  }
}

/** RFC 9110 section 12.5.3; who gives it a weight of nothing does not want it. */
const takesGzip = (request: Request): boolean =>
  (request.headers.get('accept-encoding') ?? '')
    .split(',')
    .some((coding) => /^\s*(?:x-)?gzip\s*(?:;\s*q=(?:1|0\.\d*[1-9])\S*)?\s*$/i.test(coding))
