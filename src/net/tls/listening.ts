//
// Owns: how every TLS listener of this node speaks, so that none falls back to a library's default (which for the
// SMTP side is TLS 1.0).

import type { Certificate } from '../../core/certificate.ts'

export interface ListenerTlsOptions extends Certificate {
  readonly minVersion: 'TLSv1.2'
}

/** RFC 8996: TLS 1.0 and 1.1 are not to be used; RFC 8314 §4.1 asks for 1.2 at least where mail is submitted. */
export const listenerTlsOptions = ({ cert, key }: Certificate): ListenerTlsOptions => ({
  cert,
  key,
  minVersion: 'TLSv1.2',
})
