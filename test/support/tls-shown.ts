//
// Owns: what a TLS listener shows to a client that names a host.

import { connect } from 'node:tls'

export interface Shown {
  /** As the runtime prints them. */
  readonly names: string
  readonly issuer: string
  readonly serial: string
}

export function shown(port: number, servername: string): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false }, () => {
      const { subjectaltname, issuer, serialNumber } = socket.getPeerCertificate()
      resolve({ names: String(subjectaltname), issuer: String(issuer.CN ?? ''), serial: serialNumber })
      socket.destroy()
    })
    socket.on('error', reject)
  })
}
