//
// Owns: how a host and a port are written as one text (RFC 3986 §3.2.2: IPv6 addresses in brackets).

export const placeText = (host: string, port: number): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`
