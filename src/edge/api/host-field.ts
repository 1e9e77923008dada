//
// Owns: making sure that a request has an address that the framework can read, whatever the Host field said.

/** The framework looks for the path behind this many characters: `http://` and a host of four, or `https://` and three. */
const PATH_FROM = 11

/**
 * The request as it may be routed, or null when its Host field is no host (RFC 9112 §3.2). A request of HTTP/1.0 has
 * none: load balancers ask for /livez like that. Which host was meant changes nothing, so where there is none, or one
 * so short that the path would be missed, another name stands for it.
 */
export function routable(request: Request): Request | null {
  const { url } = request
  if (url.startsWith('/')) {
    return request.headers.has('host') ? null : new Request(`http://localhost${url}`, request)
  }
  const path = url.indexOf('/', 'https://'.length)
  if (path < PATH_FROM) return path === -1 ? null : new Request(`http://localhost${url.slice(path)}`, request)
  return URL.canParse(url) ? request : null
}
