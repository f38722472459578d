/** One reader: what it is asked, what it gives, how it ends. */

import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { readFileSync, renameSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { Worker } from 'node:worker_threads'
import { Company, FirmtrieError, Match, open, openSync, Reader } from 'firmtrie'
import { firms, folder, openWorld, world } from './world.mjs'

const code = (wanted: string) => (error: unknown) => {
  assert.ok(error instanceof FirmtrieError && error instanceof Error, String(error))
  assert.equal(error.code, wanted)
  return true
}

async function list<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found = []
  for await (const value of values) found.push(value)
  return found
}

test('an address is a string, or its bytes', async () => {
  const db = await openWorld()
  for (const address of ['8.1.0.1', Buffer.from([8, 1, 0, 1]), new Uint8Array([8, 1, 0, 1])]) {
    assert.equal(db.lookup(address)?.company.name, 'Alpha B.V.')
    assert.equal(db.classify(address).status, 'company')
  }
  const v6 = Buffer.from('2600000100020003' + '00'.repeat(7) + '09', 'hex')
  assert.equal(db.lookup(v6)?.company.name, 'Beta GmbH')
  assert.equal(db.lookup('2600:1:2:3::9')?.network, '2600:1:2:3::/64')
  // Mapped addresses are those of IPv4.
  const mapped = Buffer.from('00'.repeat(10) + 'ffff08010001', 'hex')
  for (const address of ['::ffff:8.1.0.1', mapped]) {
    assert.equal(db.lookup(address)?.network, '8.1.0.0/23')
  }
})

test('spaces around an address are no part of it, however many', async () => {
  const db = await openWorld()
  for (const spaces of [0, 1, 30, 38, 39, 40, 41, 1000]) {
    for (const text of [`8.1.0.1${' '.repeat(spaces)}`, `${' '.repeat(spaces)}8.1.0.1`]) {
      assert.equal(db.lookup(text)?.company.name, 'Alpha B.V.')
      assert.equal(db.classify(text).network, '8.1.0.0/23')
      assert.equal((await db.lookupMany([text])).at(0)?.network, '8.1.0.0/23')
    }
    assert.throws(() => db.lookup(' '.repeat(spaces)), code('address'))
  }
})

test('what is no address is refused, and never taken for another', async () => {
  const db = await openWorld()
  const wrong: unknown[] = [
    ...[undefined, null, 134_283_265, 8n, true, {}, [], Symbol('8.1.0.1'), () => '8.1.0.1'],
    ...[Buffer.alloc(5), new Uint8Array(0), new Uint16Array(4), new ArrayBuffer(4), new DataView(new ArrayBuffer(4))],
    // The low bytes of these are digits and dots, and a reader of Latin-1 would see 8.1.0.1.
    ...['\u0138.1.0.1', '8\u012e1.0.1', '８.1.0.1', '\u{1F600}'],
    ...['8.1.0.1\0', '8.1.0.1.', '8.1.0.1'.repeat(100), '1'.repeat(45), '1'.repeat(46), '1'.repeat(47)],
    new String('8.1.0.1'),
  ]
  for (const address of wrong) {
    assert.throws(() => db.lookup(address as string), code('address'), inspect(address))
    assert.throws(() => db.classify(address as string), code('address'), inspect(address))
    await assert.rejects(db.lookupMany([address as string]), code('address'), inspect(address))
  }
  const longest = '2600:0001:0002:0003:0000:0000:255.255.255.255'
  assert.equal(longest.length, 45)
  assert.equal(db.lookup(longest)?.company.name, 'Beta GmbH')
})

test('a match is immutable, and says what it is', async () => {
  const db = await openWorld()
  const match = db.lookup('8.1.0.77')
  assert.ok(match instanceof Match && match.company instanceof Company)
  for (const shown of [inspect(match), JSON.stringify(match), inspect(match, { showHidden: true, depth: 9 })]) {
    assert.ok(shown.includes('8.1.0.77') && shown.includes('Alpha B.V.'), shown)
  }
  assert.throws(() => {
    ;(match as { asn: unknown }).asn = 1
  }, TypeError)
  assert.throws(() => {
    ;(match.company as { name: unknown }).name = 'Mallory'
  }, TypeError)
  match.sources.push('mine')
  match.company.domains.push('mine.example')
  assert.deepEqual(db.lookup('8.1.0.77')?.sources, ['geo', 'whois'])
  assert.deepEqual(match.company.domains, ['alpha.example', 'www.alpha.example'])
  assert.equal(db.lookup('8.1.0.78')?.company, match.company, 'companies are shared')
  const { name, country, lei, domain, city, domains, contacts } = match.company.toJSON()
  assert.deepEqual([name, country, lei, domain], ['Alpha B.V.', 'NL', '724500VKKSH9QOLTFR81', 'alpha.example'])
  assert.deepEqual([city, domains, contacts], [match.company.city, match.company.domains, []])
})

test('networks come in address order, of everything, a prefix, a company or an AS', async () => {
  const db = await openWorld()
  const all = await list(db.networks())
  assert.ok(all.length > 40)
  for (const found of all) {
    const [first = ''] = found.network.split('/')
    assert.equal(JSON.stringify(db.classify(first)), JSON.stringify({ address: first, ...found.toJSON() }))
  }
  const texts = (of: AsyncIterable<{ network: string }>): Promise<string[]> =>
    list(of).then((found) => found.map(({ network }) => network))
  const within = all.map(({ network }) => network).filter((network) => network.startsWith('8.1.2.'))
  assert.deepEqual(await texts(db.networks({ prefix: '8.1.2.0/24' })), within)
  const beta = ['8.1.2.3/32', '8.1.2.4/30', '8.1.2.8/31', '8.10.1.16/28', '9.0.2.7/32', '2600:1:2:3::/64']
  assert.deepEqual(await texts(db.networksOf('Beta GmbH')), beta)
  assert.deepEqual(await texts(db.networksOf('beta.example')), beta)
  assert.deepEqual(await texts(db.networksOf(db.lookup('9.0.2.7')!.company)), beta)
  assert.deepEqual(await texts(db.networksOf('Nobody at all')), [])
  const of64510 = all.filter(({ asn }) => asn === 64510).map(({ network }) => network)
  assert.deepEqual(await texts(db.networks({ asn: 64510 })), of64510)
})

test('info and verify tell of the file', async () => {
  const db = await openWorld()
  const { as_of, policy, counts, sources } = db.info()
  assert.deepEqual([as_of, policy, counts.companies], ['2026-11-01', 'strict', 9])
  assert.ok(sources.some(({ name }) => name === 'whois'))
  assert.deepEqual(await db.verify(), [])
})

for (const mode of ['mmap', 'memory'] as const) {
  test(`a file may be replaced or deleted under a reader, ${mode}`, async () => {
    const here = folder()
    const path = await firms(here)
    const db = await open(path, { mode })
    const old = db.lookup('11.0.1.1')
    assert.equal(await db.reload(), false)
    await firms(here, 12, (n) => `Company ${n} B.V.`)
    assert.equal(db.lookup('11.0.9.1'), null)
    assert.equal(await db.reload(), true)
    assert.equal(db.lookup('11.0.9.1')?.company.name, 'Company 9 B.V.')
    assert.equal(db.lookup('11.0.1.1')?.company.name, 'Company 1 B.V.')
    assert.equal(old?.company.name, 'Firm 1 B.V.')
    assert.equal(old?.network, '11.0.1.0/24')

    writeFileSync(join(here, 'damaged'), readFileSync(path).subarray(0, 500))
    renameSync(join(here, 'damaged'), path)
    await assert.rejects(db.reload(), code('damaged'))
    unlinkSync(path)
    await assert.rejects(db.reload(), code('io'))
    assert.equal(db.lookup('11.0.9.1')?.company.name, 'Company 9 B.V.')
  })
}

test('results and networks outlive what they were asked of', async () => {
  const here = folder()
  const db = await open(await firms(here))
  const matches = await db.lookupMany(['11.0.1.1', '11.0.200.1', '11.0.7.9'])
  const networks = db.networks()[Symbol.asyncIterator]()
  assert.equal((await networks.next()).value?.network, '11.0.0.0/24')
  await firms(here, 8, (n) => `Company ${n} B.V.`)
  await db.reload()
  assert.equal((await networks.next()).value?.company?.name, 'Firm 1 B.V.')
  await db.close()
  assert.deepEqual([...matches].map((match) => match?.company.name), ['Firm 1 B.V.', undefined, 'Firm 7 B.V.'])
})

test('a reader in memory outlives its file', async () => {
  const path = await firms(folder())
  const db = openSync(path, { mode: 'memory' })
  truncateSync(path, 10)
  assert.equal(db.lookup('11.0.3.1')?.company.name, 'Firm 3 B.V.')
})

test('a watched file is taken over by itself, and a damaged one told of', async () => {
  const here = folder()
  const path = await firms(here)
  const told = new EventEmitter()
  const damage = once(told, 'damage')
  // A watched file alone keeps no process alive.
  const alive = setInterval(() => {}, 1000)
  const db = await open(path, { watch: { onError: (error) => told.emit('damage', error) } })
  await firms(here, 20)
  while (db.lookup('11.0.19.1') === null) await new Promise((done) => setTimeout(done, 20))
  writeFileSync(join(here, 'damaged'), 'no index')
  renameSync(join(here, 'damaged'), path)
  assert.ok(code('not_an_index')((await damage)[0]))
  assert.equal(db.lookup('11.0.19.1')?.company.name, 'Firm 19 B.V.')
  await db.close()
  clearInterval(alive)
})

test('a closed reader says so, and what it gave goes on answering', async () => {
  const db = await openWorld()
  const match = db.lookup('8.1.0.1')
  await db.close()
  await db.close()
  assert.ok(db.closed)
  for (const ask of [() => db.lookup('8.1.0.1'), () => db.classify('8.1.0.1'), () => db.info()]) {
    assert.throws(ask, code('closed'))
  }
  for (const ask of [() => db.lookupMany(['8.1.0.1']), () => db.verify(), () => db.reload()]) {
    await assert.rejects(ask, code('closed'))
  }
  assert.equal(match?.company.name, 'Alpha B.V.')
})

test('a reader is disposed of at the end of its block', async () => {
  const db = await openWorld()
  db[Symbol.dispose]()
  assert.ok(db.closed)
  const another = await openWorld()
  await another[Symbol.asyncDispose]()
  assert.throws(() => another.lookup('8.1.0.1'), code('closed'))
})

test('options that are none are refused', async () => {
  const path = await world()
  await assert.rejects(open(path, { mode: 'fast' as 'mmap' }), /one of mmap, memory/)
  await assert.rejects(open(path, { key: 'key' }), code('usage'))
  await assert.rejects(open(path, { registry: folder() }), code('registry'))
  assert.throws(() => openSync(join(folder(), 'nothing.firm')), code('io'))
  assert.throws(() => new (Reader as unknown as new () => unknown)())
})

test('damage is told, and never ends the process', async () => {
  const good = readFileSync(await world())
  const path = join(folder(), 'damaged.firm')
  let random = 1
  const next = (): number => (random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0)
  let told = 0
  for (let round = 0; round < 300; round++) {
    const bytes = Buffer.from(good)
    for (let flips = 0; flips < 200; flips++) bytes[next() % bytes.length]! ^= 1 << (next() % 8)
    writeFileSync(path, bytes)
    const answer = (ask: () => unknown): void => {
      try {
        ask()
      } catch (error) {
        assert.ok(error instanceof FirmtrieError, String(error))
        assert.ok(['damaged', 'not_an_index'].includes(error.code), error.code)
        told++
      }
    }
    answer(() => {
      using db = openSync(path, { mode: 'memory' })
      for (let n = 0; n < 20; n++) answer(() => db.lookup(`8.${n}.1.17`)?.company.contacts)
      answer(() => JSON.stringify(db.classify('2600:1:2:3::9')))
    })
  }
  assert.ok(told > 50, String(told))
})

test('a worker that ends leaves nothing behind', async () => {
  const path = await world()
  const ask = `
    const { openSync } = require('firmtrie')
    const db = openSync(${JSON.stringify(path)})
    require('worker_threads').parentPort.postMessage(db.lookup('8.1.0.1').company.name)`
  for (let n = 0; n < 20; n++) {
    const worker = new Worker(ask, { eval: true })
    const [name] = (await once(worker, 'message')) as [string]
    assert.equal(name, 'Alpha B.V.')
    await worker.terminate()
  }
})
