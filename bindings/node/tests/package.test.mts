/** The package as it is installed: both module systems, its examples, and nothing that is not needed. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as firmtrie from 'firmtrie'
import * as http from 'firmtrie/http'
import { VECTORS, world } from './world.mjs'

const project = fileURLToPath(new URL('..', import.meta.url))

test('CommonJS and ES modules have the same', () => {
  const require = createRequire(import.meta.url)
  for (const [name, module] of [['firmtrie', firmtrie], ['firmtrie/http', http]] as const) {
    const required = require(name) as Record<string, unknown>
    const { default: _, __esModule: __, ...imported } = module as Record<string, unknown>
    assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort())
    for (const [key, value] of Object.entries(imported)) assert.equal(required[key], value, key)
  }
  assert.deepEqual(Object.keys(firmtrie).filter((name) => name !== '__esModule').sort(), [
    ...['Answers', 'Classification', 'Company', 'FirmtrieError', 'Match', 'Matches', 'Reader', 'Registry', 'TrustedProxies'],
    ...['build', 'clientIp', 'open', 'openSync'],
  ])
})

test('a CommonJS module may use it', async () => {
  const code = `console.log(require('firmtrie').openSync(process.argv[1]).lookup('8.1.0.1').company.name)`
  const printed = execFileSync(process.execPath, ['-e', code, await world()], { cwd: project, encoding: 'utf8' })
  assert.equal(printed, 'Alpha B.V.\n')
})

test('it needs nothing but the binary of its platform', () => {
  const home = join(project, 'node_modules', 'firmtrie')
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Record<string, object>
  assert.equal(manifest['dependencies'], undefined)
  assert.ok(Object.keys(manifest['optionalDependencies']!).every((name) => name.startsWith('firmtrie-')))
  const files = readdirSync(join(home, 'dist'))
  assert.ok(!files.some((file) => file.endsWith('.node') || file.endsWith('.ts.map')), files.join())
  assert.ok(readdirSync(home).includes('LICENSE-MIT'))
})

/**
 * Runs the examples of a page in a folder, and compares what they print with what stands below them, or
 * writes that anew into the project whose folder the environment names.
 */
function checkExamples(page: string, here: string): number {
  const root = process.env['FIRMTRIE_README']
  const written = readFileSync(root === undefined ? join(VECTORS, '..', '..', page) : join(root, page), 'utf8')
  let count = 0
  const printed = written.replaceAll(/```js\n([^]*?)```\n(?:\n```text\n[^]*?```\n)?/g, (_, code: string) => {
    count++
    writeFileSync(join(here, 'example.mjs'), code)
    const printed = execFileSync(process.execPath, ['example.mjs'], { cwd: here, encoding: 'utf8' })
    assert.notEqual(printed, '', `an example that prints nothing proves nothing:\n${code}`)
    return `\`\`\`js\n${code}\`\`\`\n\n\`\`\`text\n${printed}\`\`\`\n`
  })
  if (root === undefined) assert.equal(written, printed, '`make readme` writes it anew')
  else writeFileSync(join(root, page), printed)
  return count
}

/** An empty folder in the project, in which packages are found. */
function emptyFolder(name: string): string {
  const here = join(project, name)
  rmSync(here, { recursive: true, force: true })
  mkdirSync(here)
  return here
}

test('the examples of the README print what it shows', () => {
  const here = emptyFolder('readme')
  cpSync(VECTORS, join(here, 'tests', 'vectors'), { recursive: true })
  assert.ok(checkExamples('bindings/node/README.md', here) >= 6)
})

test("the project's README prints what it shows", async () => {
  const here = emptyFolder('readme-of-all')
  const path = [4, 6].map((version) => join(VECTORS, '..', '..', 'datasets', 'asn', `asn-ipv${version}.csv`))
  const source = { name: 'asn', format: 'asn-csv', path, basis: 'public routing table' } as const
  await firmtrie.build({ source: [source] }, join(here, 'companies.firm'))
  assert.equal(checkExamples('README.md', here), 1)
})

test('its types need no framework to be there', () => {
  // Outside of the project, where the frameworks of these tests would be found.
  const here = mkdtempSync(join(tmpdir(), 'firmtrie-'))
  const modules = join(project, '..', 'node_modules')
  cpSync(join(project, 'node_modules', 'firmtrie'), join(here, 'node_modules', 'firmtrie'), { recursive: true })
  mkdirSync(join(here, 'node_modules', '@types'))
  for (const name of ['@types/node', 'undici-types']) {
    symlinkSync(realpathSync(join(modules, name)), join(here, 'node_modules', name))
  }
  writeFileSync(join(here, 'site.mts'), "import { visitors } from 'firmtrie/http'\nexport const of = visitors\n")
  const options = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--module', 'node16', '--types', 'node']
  try {
    execFileSync(join(modules, '.bin', 'tsc'), [...options, 'site.mts'], { cwd: here, encoding: 'utf8' })
  } catch (error) {
    assert.fail(String((error as { stdout: string }).stdout))
  } finally {
    rmSync(here, { recursive: true })
  }
})
