/** A certificate chain and its key, PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  /** Further ones, for clients that name such a host (SNI, RFC 6066 §3). */
  readonly named?: readonly NamedCertificate[]
}

export interface NamedCertificate {
  readonly host: string
  readonly cert: string
  readonly key: string
}
