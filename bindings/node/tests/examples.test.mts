/** The examples in the package's documentation, run as they stand. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import express from 'express'
import Fastify from 'fastify'
import * as firmtrie from 'firmtrie'
import * as http from 'firmtrie/http'
import { folder, VECTORS } from './world.mjs'

const types = fileURLToPath(new URL('../node_modules/firmtrie/dist/', import.meta.url))

/** Every example, with the file that it is in. */
function* examples(): Iterable<[file: string, code: string]> {
  for (const file of readdirSync(types).filter((file) => file.endsWith('.d.ts'))) {
    const text = readFileSync(join(types, file), 'utf8')
    for (const [, block = ''] of text.matchAll(/^ *\* ```js\n([^]*?)^ *\* ```$/gm)) {
      yield [file, block.replaceAll(/^ *\* ?/gm, '')]
    }
  }
}

/** Has a line that ends with what it gives, as in `1 + 1 // 2`, checked. */
function checked(code: string): string {
  return code.replaceAll(/^(?!const |\/\/)(.+?);? \/\/ ('.*'|null|[\d.]+)$/gm, 'check($1, $2)')
}

test('every example of the documentation runs, and gives what it says', async () => {
  const here = folder()
  process.chdir(here)
  writeFileSync('asn.csv', '8.1.0.0,8.1.1.255,64501,Alpha B.V.\n')
  await firmtrie.build(join(VECTORS, 'world', 'firmtrie.toml'), 'companies.firm')
  const db = await firmtrie.open('companies.firm')
  let checks = 0
  const check = (given: unknown, wanted: unknown): void => {
    assert.deepEqual(given, wanted)
    checks++
  }
  const matches = await db.lookupMany(['8.1.0.1', '8.1.0.1'])
  const given = { ...firmtrie, ...http, db, answers: matches, check, app: express(), fastify: Fastify() }
  const { default: _, ...names } = given as Record<string, unknown>
  const AsyncFunction = (async () => {}).constructor as new (...code: string[]) => (...given: unknown[]) => Promise<void>
  let count = 0
  for (const [file, code] of examples()) {
    const run = new AsyncFunction(...Object.keys(names), `{${checked(code)}}`)
    await run(...Object.values(names)).catch((error: unknown) => {
      throw new Error(`${file}:\n${code}`, { cause: error })
    })
    count++
  }
  assert.ok(count >= 11 && checks >= 10, `${count} examples with ${checks} checks`)
})
