/** The vectors that every surface runs, run by the Node.js package. */

import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  build,
  clientIp,
  FirmtrieError,
  open,
  openSync,
  type PlainAnswer,
  type SourceOptions,
} from 'firmtrie'
import { cases, folder, openWorld } from './world.mjs'

interface Lookup {
  says: string
  address: string
  answer: PlainAnswer & { address: string }
}

test('the world answers as written', async () => {
  const db = await openWorld()
  const lookups = cases<Lookup>('lookups.json')
  assert.ok(lookups.length > 30)
  for (const { says, address, answer } of lookups) {
    // A match holds the network, and not the address.
    const { address: _, ...told } = answer
    assert.deepEqual(JSON.parse(JSON.stringify(db.classify(address))), told, says)
    const match = JSON.parse(JSON.stringify(db.lookup(address)))
    assert.deepEqual(match, answer.company === null ? null : told, says)
  }
  const addresses = lookups.map(({ address }) => address)
  const one = JSON.stringify(addresses.map((address) => db.lookup(address)))
  assert.equal(JSON.stringify([...(await db.lookupMany(addresses))]), one)
  assert.equal(JSON.stringify([...(await db.lookupLines(addresses.join('\n'), { networks: true }))]), one)
  assert.equal(JSON.stringify([...(await db.lookupLines(Buffer.from(addresses.join('\r\n')), { networks: true }))]), one)
})

interface Client {
  says: string
  peer: string
  header?: string
  values?: string[]
  trusted?: string[]
  client: string | null
}

test('the visitor is found behind proxies', () => {
  for (const { says, peer, header = 'X-Forwarded-For', values, trusted = [], client } of cases<Client>('client.json')) {
    assert.equal(clientIp(peer, values, { header, trusted }), client, says)
  }
})

interface Refused {
  text: string
  kind: string
  message: string
  format?: SourceOptions['format']
}

/** Is it refused as written? */
function as({ kind, message }: Refused, inFolder = ''): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof FirmtrieError, String(error))
    assert.equal(error.code, kind)
    assert.ok(error.message.replaceAll(inFolder, '').includes(message), error.message)
    return true
  }
}

test('addresses and prefixes are refused as written', async () => {
  const db = await openWorld()
  for (const refused of cases<Refused>('errors.json', 'addresses')) {
    assert.throws(() => db.lookup(refused.text), as(refused))
    assert.throws(() => db.classify(refused.text), as(refused))
    await assert.rejects(db.lookupMany(['8.1.0.1', refused.text]), as(refused))
    await assert.rejects(db.lookupLines(`8.1.0.1\n${refused.text}\n`), as(refused))
  }
  for (const refused of cases<Refused>('errors.json', 'prefixes')) {
    const networks = db.networks({ prefix: refused.text })[Symbol.asyncIterator]()
    await assert.rejects(async () => networks.next(), as(refused))
  }
})

for (const mode of ['mmap', 'memory'] as const) {
  test(`files are refused as written, ${mode}`, async () => {
    const here = folder()
    const file = join(here, 'source')
    for (const refused of cases<Refused>('errors.json', 'indexes')) {
      writeFileSync(file, refused.text)
      await assert.rejects(open(file, { mode }), as(refused, `${here}/`))
      assert.throws(() => openSync(file, { mode }), as(refused, `${here}/`))
    }
  })
}

test('sources are refused as written, and nothing is left', async () => {
  const here = folder()
  const file = join(here, 'source')
  for (const refused of cases<Refused>('errors.json', 'sources')) {
    writeFileSync(file, refused.text)
    const source = { name: 's', format: refused.format!, path: file, basis: 'b' }
    await assert.rejects(build({ source: [source] }, join(here, 'x.firm')), as(refused, `${here}/`))
    assert.ok(!existsSync(join(here, 'x.firm')))
  }
})
