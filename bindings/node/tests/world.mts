/** The world of the vectors, which every surface is asked about, and others that tests make up. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, open, type OpenOptions, type Reader } from 'firmtrie'

/** Where the repository's vectors are: `make node` says. */
export const VECTORS = process.env['FIRMTRIE_VECTORS'] ?? '../../../tests/vectors'

/** The cases of a file of vectors. */
export function cases<T>(file: string, key = 'cases'): T[] {
  const found = (JSON.parse(readFileSync(join(VECTORS, file), 'utf8')) as Record<string, T[]>)[key]
  if (found === undefined) throw new Error(`${file} has no ${key}`)
  return found
}

const folders: string[] = []
process.on('exit', () => {
  for (const made of folders) rmSync(made, { recursive: true, force: true })
})

/** A new folder, which is gone when the process ends. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'firmtrie-'))
  folders.push(made)
  return made
}

let built: Promise<string> | undefined

/** The path of an index of the world. */
export function world(): Promise<string> {
  built ??= (async () => {
    const path = join(folder(), 'companies.firm')
    await build(join(VECTORS, 'world', 'firmtrie.toml'), path)
    return path
  })()
  return built
}

export async function openWorld(options?: OpenOptions): Promise<Reader> {
  return open(await world(), options)
}

/**
 * Builds an index of `Firm 0 B.V.` and so on, each with a /24 of 11.0.0.0/16, and gives its path.
 * Firm `n` is called `Firm n B.V.`, or what `called` says.
 */
export async function firms(
  into: string,
  count = 8,
  called = (n: number): string => `Firm ${n} B.V.`,
  name = 'companies.firm',
): Promise<string> {
  const csv = join(into, `${name}.csv`)
  const rows = Array.from({ length: count }, (_, n) => {
    const net = `11.${n >> 8}.${n & 255}`
    return `${net}.0,${net}.255,${n + 1},${called(n)}\n`
  })
  writeFileSync(csv, rows.join(''))
  const source = { name: 'firms', format: 'asn-csv', path: csv, basis: 'made up' } as const
  const path = join(into, name)
  await build({ policy: 'open', source: [source] }, path)
  return path
}
