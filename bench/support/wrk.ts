//
// Owns: wrk as the HTTP client of a figure: one request repeated over keep-alive connections, and what it says.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { API_KEY } from './mailwok.ts'

export interface HttpLoad {
  readonly url: string
  readonly body: unknown
  readonly connections: number
  readonly seconds: number
  /** For the script that tells wrk what to send. */
  readonly folder: string
}

export interface HttpFigures {
  readonly answers: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Throws if one answer was not 200: a refusal is quicker than a commit. */
export async function loadByWrk({ url, body, connections, seconds, folder }: HttpLoad): Promise<HttpFigures> {
  const script = join(folder, 'post.lua')
  writeFileSync(script, luaOf(JSON.stringify(body)))
  const child = Bun.spawn(
    ['wrk', '-t', '1', '-c', String(connections), '-d', `${seconds}s`, '--timeout', '10s', '-s', script, url],
    { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
  )
  const [said, complaint] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ])
  if ((await child.exited) !== 0) throw new Error(`wrk: ${complaint}`)
  const figures = JSON.parse(/^FIGURES (.*)$/m.exec(said)?.[1] ?? 'null') as
    | (HttpFigures & { refused: number; broken: number })
    | null
  if (figures === null) throw new Error(`wrk said no figures: ${said}`)
  if (figures.refused > 0 || figures.broken > 0) {
    throw new Error(`${figures.refused} answers were not 200, ${figures.broken} did not come: ${said}`)
  }
  return figures
}

const luaOf = (json: string): string => `
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer ${API_KEY}"
wrk.headers["Content-Type"] = "application/json"
wrk.body = [==[${json}]==]

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    'FIGURES {"answers":%d,"perSecond":%.1f,"p50Ms":%.3f,"p99Ms":%.3f,"refused":%d,"broken":%d}\\n',
    summary.requests, summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    e.status, e.connect + e.read + e.write + e.timeout))
end
`
