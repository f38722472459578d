/** Builds an index on another thread. */

import { abortable } from './abort'
import { awaiting, FirmtrieError } from './errors'
import type { Controller, Counts } from './info'
import * as native from './native'
import { fitting, known } from './options'
import { day, type Day } from './registry'

/** A source of a manifest: what would be in `[[source]]` of a `firmtrie.toml`. */
export interface SourceOptions {
  name: string
  format:
    | 'asn-csv'
    | 'networks'
    | 'companies'
    | 'contacts'
    | 'asn-kinds'
    | 'rpsl'
    | 'arin-bulk'
    | 'rwhois'
    | 'delegated'
    | 'geofeed'
  path: string | string[]
  url?: string
  licence?: string
  retrieved?: string
  /** The higher wins on the same range. */
  priority?: number
  /** Bytes that a file may have when it is decompressed; 16 GiB, unless said. */
  max_size?: number
  /** What separates columns, where it is no comma: one character, or `tab`. */
  delimiter?: string
  /** How letters are encoded, where that is not UTF-8: `windows-1252` … */
  encoding?: string
  /** Why it may be used; needed under the strict policy. */
  basis?: string
}

/** What would be in a `firmtrie.toml`; relative paths are relative to the working directory. */
export interface Manifest {
  source: SourceOptions[]
  as_of?: string
  policy?: string
  /** Are public lists of clouds, crawlers and hosting providers evidence? They are, unless said. */
  listed_kinds?: boolean
  registry?: string
  output?: string
  controller?: Partial<Controller>
}

/** What goes before what the manifest says, and who is told how it goes. */
export interface BuildOptions {
  /** Where the report goes, together with the index: JSON, or a table if it ends in `.txt`. */
  report?: string
  /** Replaces files that are no index and no report; what the build reads never is. */
  force?: boolean
  /** `strict`, `open`, or a policy file. */
  policy?: string
  /** The folder of a registry. */
  registry?: string
  /** The registry's key, if that is elsewhere. */
  key?: string
  /** Replaces an index that was made under a registry by one that is not: who objected comes back. */
  withoutRegistry?: boolean
  /** A day that makes the build repeatable. */
  asOf?: Day
  skipBadRows?: boolean
  /** Called now and then with the number of rows read so far. */
  onProgress?: (rows: number) => void
  /** Ends the build; what was at the output stays. */
  signal?: AbortSignal
}

/** The report of a build: what came in, and what was left out and why. */
export interface Report {
  counts: Counts
  [part: string]: unknown
}

/**
 * Builds an index, and gives the report of what came in and what was left out.
 *
 * `manifest` is the path of a `firmtrie.toml`, or what would be in one. The index is put at `output`
 * (or where the manifest says) when it is whole; until then, and after an error, what was there
 * stays. Rejects with file, line and value of what is wrong.
 *
 * ```js
 * const report = await build({
 *   source: [{ name: 'asn', format: 'asn-csv', path: 'asn.csv', basis: 'routing' }],
 * }, 'built.firm')
 * report.counts.companies // 1
 * ```
 */
export async function build(
  manifest: string | Manifest,
  output?: string,
  options: BuildOptions = {},
): Promise<Report> {
  const { signal, onProgress } = known('build', options, OPTIONS)
  if (output !== undefined) fitting('build: the output', 'string', output)
  const building = new native.Build()
  const report = await abortable(signal, () => building.stop(), async () => {
    const isJson = typeof manifest !== 'string'
    const text = isJson ? json(fitting('build: the manifest, which is no path,', 'object', manifest)) : manifest
    return awaiting(async () => building.run(text, isJson, plain(output, options), onProgress))
  })
  return JSON.parse(report) as Report
}

const OPTIONS = {
  report: 'string',
  force: 'boolean',
  policy: 'string',
  registry: 'string',
  key: 'string',
  withoutRegistry: 'boolean',
  asOf: 'day',
  skipBadRows: 'boolean',
  onProgress: 'function',
  signal: 'signal',
} as const

/** A manifest as JSON, which some objects cannot be. */
function json(manifest: Manifest): string {
  try {
    return JSON.stringify(manifest)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new FirmtrieError('usage', `build: the manifest is no data: ${reason}`)
  }
}

function plain(output: string | undefined, options: BuildOptions): native.BuildOptions {
  const { report, force, policy, registry, key, withoutRegistry, asOf, skipBadRows } = options
  return {
    ...(output !== undefined && { output }),
    ...(report !== undefined && { report }),
    ...(force !== undefined && { force }),
    ...(policy !== undefined && { policy }),
    ...(registry !== undefined && { registry }),
    ...(key !== undefined && { key }),
    ...(withoutRegistry !== undefined && { withoutRegistry }),
    ...(asOf !== undefined && { asOf: day(asOf) }),
    ...(skipBadRows !== undefined && { skipBadRows }),
  }
}
