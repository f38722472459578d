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
  Registry,
  type PlainAnswer,
  type SourceOptions,
} from 'firmtrie'
import { cases, folder, openWorld, VECTORS } from './world.mjs'

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
    assert.deepEqual(JSON.parse(JSON.stringify(db.classify(address))), answer, says)
    const match = JSON.parse(JSON.stringify(db.lookup(address)))
    assert.deepEqual(match, answer.company === null ? null : answer, says)
    const found = db.lookup(address)
    assert.equal(found?.name, answer.company?.name, says)
    assert.equal(found?.company.name, found?.name, says)
  }
  const addresses = lookups.map(({ address }) => address)
  const one = JSON.stringify(addresses.map((address) => db.lookup(address)))
  assert.equal(JSON.stringify([...(await db.lookupMany(addresses))]), one)
  assert.equal(JSON.stringify([...(await db.lookupLines(addresses.join('\n'), { networks: true }))]), one)
  assert.equal(JSON.stringify([...(await db.lookupLines(Buffer.from(addresses.join('\r\n')), { networks: true }))]), one)
})

interface Listed {
  says: string
  in?: string
  asn?: number
  called?: string
  behind?: string
  networks: string[]
}

test('networks are listed as written', async () => {
  const [db, other] = [await openWorld(), await openWorld()]
  for (const { says, in: prefix, asn, called, behind, networks } of cases<Listed>('networks.json')) {
    const wanted = behind === undefined ? called : other.lookup(behind)!.company
    const found = wanted === undefined ? db.networks(prefix === undefined ? { asn: asn! } : { prefix }) : db.networksOf(wanted)
    const listed: string[] = []
    for await (const network of found) listed.push(network.network)
    assert.deepEqual(listed, networks, says)
  }
})

interface Objected {
  says: string
  registry: Array<Record<string, string> | { lift: number }>
  left_out: Record<string, number>
  answers: Record<string, string>
}

/** What is read of a report. */
interface Built {
  report: { sources: Array<{ left_out: Record<string, { claims: number }> }> }
}

/** Records a request of a vector, or takes an entry back. */
async function record(registry: Registry, request: Objected['registry'][number]): Promise<void> {
  if (typeof request['lift'] === 'number') {
    await registry.lift(request['lift'])
    return
  }
  const { right, until, ...about } = request as Record<string, string>
  if (right === 'objection') await registry.object(about)
  else if (right === 'erasure') await registry.erase(about)
  else if (right === 'restriction') await registry.restrict({ until: until!, ...about })
  else await registry.request(right as 'access' | 'portability' | 'withdrawal', about)
}

test('who objected is hidden as written by a build and by a running reader', async () => {
  const objected = cases<Objected>('registry.json')
  assert.ok(objected.length > 20)
  for (const { says, registry: requests, left_out, answers } of objected) {
    const here = folder()
    const registry = join(here, 'registry')
    const file = join(here, 'built.firm')
    const officer = await Registry.create(registry)
    const running = await openWorld({ registry })
    for (const request of requests) await record(officer, request)
    const { report } = (await build(join(VECTORS, 'world', 'firmtrie.toml'), file, { registry })) as unknown as Built
    const built = await open(file)
    for (const [address, answer] of Object.entries(answers)) {
      for (const db of [built, running]) {
        const { status, company } = db.classify(address)
        assert.equal(company?.name ?? status, answer, `${says}: ${address}`)
        assert.equal(db.lookup(address) === null, company === null)
      }
    }
    const found: Record<string, number> = {}
    for (const source of report.sources) {
      for (const [reason, { claims }] of Object.entries(source.left_out)) {
        if (reason in { opted_out: 0, restricted: 0 }) found[reason] = (found[reason] ?? 0) + claims
      }
    }
    assert.deepEqual(found, left_out, says)
    await Promise.all([built.close(), running.close()])
  }
})

interface Client {
  says: string
  peer: string | null
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

test('what registries publish is answered as written', async () => {
  const here = folder()
  const source = cases<{ name: string; format: SourceOptions['format']; text: string }>('registers.json', 'sources').map((of) => {
    writeFileSync(join(here, of.name), of.text)
    return { name: of.name, format: of.format, path: join(here, of.name), basis: 'made up' }
  })
  await build({ source }, join(here, 'x.firm'))
  const db = await open(join(here, 'x.firm'))
  interface Case {
    says: string
    address: string
    name: string | null
    asn: number | null
  }
  for (const { says, address, name, asn } of cases<Case>('registers.json', 'answers')) {
    const match = db.lookup(address)
    assert.deepEqual([match?.name ?? null, match?.asn ?? null], [name, asn], says)
  }
})

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
