/** A certificate chain and its key, PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}
