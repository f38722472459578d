/** What `firmtrie export` writes, read by npm's `maxmind`. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { open as openMmdb, type Response } from 'maxmind'
import { open } from 'firmtrie'
import { folder, VECTORS } from './world.mjs'

const root = join(VECTORS, '../..')
const cli = join(root, 'target/debug/firmtrie')

const skip = existsSync(cli) ? false : 'the command line is not built'

test('an export answers what the index answers', { skip }, async () => {
  const made = folder()
  const [index, mmdb] = [join(made, 'asn.firm'), join(made, 'asn.mmdb')]
  const full = join(root, 'datasets/full/asn')
  const rows = existsSync(full) ? full : join(root, 'datasets/asn')
  const files = ['asn-ipv4.csv', 'asn-ipv6.csv'].map((file) => join(rows, file))
  execFileSync(cli, ['build', ...files, '-o', index, '--basis', 'test', '--quiet'])
  execFileSync(cli, ['export', index, '--to', 'mmdb', '-o', mmdb, '--quiet'])
  const [db, reader] = [await open(index), await openMmdb<Response>(mmdb)]
  let [state, known] = [7, 0]
  const draw = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  for (let n = 0; n < 1_000_000; n++) {
    const six = n % 4 === 0
    const hex = (): string => draw(65536).toString(16)
    const address = six
      ? `2${draw(4096).toString(16).padStart(3, '0')}:${hex()}:${hex()}::${hex()}`
      : `${draw(256)}.${draw(256)}.${draw(256)}.${draw(256)}`
    const match = db.lookup(address)
    const company = (reader.get(address) as { company?: string } | null)?.company ?? null
    if (company !== (match?.company.name ?? null)) assert.fail(`${address}: ${company}`)
    if (match) known++
  }
  assert.ok(known > 1000)
})
