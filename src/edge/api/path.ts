//
// Owns: the path of a request, found without taking its URL apart: each request is asked for it several times, and most
// are sends.

/** Of an absolute http URL; without query, and without the slash that may end it. */
export function pathOf(url: string): string {
  const start = url.indexOf('/', 'https://'.length)
  if (start === -1) return ''
  const query = url.indexOf('?', start)
  const end = query === -1 ? url.length : query
  return url.slice(start, end - start > 1 && url.charCodeAt(end - 1) === SLASH ? end - 1 : end)
}

const SLASH = 0x2f
