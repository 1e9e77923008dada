//
// Owns: what libraries bring along and we never call, left out of the executable: a third of what we add to the runtime.
// Never: leaves something out in silence. What is called after all ends with an error that names this file.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BunPlugin } from 'bun'

/** By whom it is asked for, what, and why nobody here gets there. */
interface Unused {
  readonly importer: RegExp
  readonly asked: RegExp
  readonly because: string
}

export const UNUSED: readonly Unused[] = [
  {
    importer: /mjml-core\/lib\//,
    asked: /^(htmlnano|cssnano|cssnano-preset-lite)$/,
    because: 'MJML is asked for minify: false',
  },
  {
    importer: /mjml-core\/lib\//,
    asked: /^(js-beautify|prettier)$/,
    because: 'MJML is asked for beautify: false',
  },
  {
    importer: /cheerio\/dist\//,
    asked: /^(encoding-sniffer|undici|parse5-parser-stream)$/,
    because: 'pages come as strings, never as octets or from the network',
  },
  {
    importer: /juice\/(index|lib\/[a-z]+)\.js$/,
    asked: /^(web-resource-inliner|commander)$/,
    because: 'style sheets of others are not fetched',
  },
]

/** mailparser and mailsplit each bring this library, with all its character sets, in one version: one copy does. */
const DOUBLED = {
  asked: /^libmime$/,
  importer: /node_modules\/(mailparser|@zone-eu\/mailsplit)\//,
  copies: ['mailparser', '@zone-eu/mailsplit'].map((host) => `${host}/node_modules/libmime`),
  file: 'dist/cjs/libmime.js',
} as const

export function leaner(root: string): BunPlugin {
  return {
    name: 'leaner',
    setup(build) {
      const asked = new RegExp(UNUSED.map((entry) => entry.asked.source).join('|'))
      build.onResolve({ filter: asked }, ({ path, importer }) =>
        UNUSED.some((entry) => entry.asked.test(path) && entry.importer.test(importer))
          ? { path, namespace: 'unused' }
          : undefined,
      )
      build.onLoad({ filter: /.*/, namespace: 'unused' }, ({ path }) => ({
        loader: 'js',
        contents: stub(path),
      }))
      const single = singleCopy(root)
      build.onResolve({ filter: DOUBLED.asked }, ({ importer }) =>
        single !== null && DOUBLED.importer.test(importer) ? { path: single } : undefined,
      )
    },
  }
}

/** Null where they are two versions, or one already. */
function singleCopy(root: string): string | null {
  const folders = DOUBLED.copies.map((copy) => join(root, 'node_modules', copy))
  if (!folders.every((folder) => existsSync(join(folder, 'package.json')))) return null
  const versions = folders.map((folder) => readFileSync(join(folder, 'package.json'), 'utf8'))
  return new Set(versions).size === 1 ? join(folders[0] ?? '', DOUBLED.file) : null
}

const stub = (name: string): string =>
  `module.exports = () => { throw new Error('${name} is not part of the executable: scripts/leaner.ts') }`
