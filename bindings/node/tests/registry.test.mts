/** Objections and other requests, and builds. */

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build, FirmtrieError, open, Registry } from 'firmtrie'
import { firms, folder, VECTORS, world } from './world.mjs'

const code = (wanted: string) => (error: unknown) => {
  assert.ok(error instanceof FirmtrieError, String(error))
  assert.equal(error.code, wanted, error.message)
  return true
}

test('who objects is hidden from every reader of the registry, before it is acknowledged', async () => {
  const registry = join(folder(), 'registry')
  const officer = await Registry.create(registry)
  const path = await world()
  const readers = [await open(path, { registry }), await open(path, { registry, mode: 'memory' })]
  const without = await open(path)
  for (const db of readers) assert.equal(db.lookup('8.1.0.1')?.company.name, 'Alpha B.V.')

  const entry = await officer.object({ name: 'ALPHA bv', country: 'NL', received: '2026-01-31', index: readers[0]! })
  assert.deepEqual([entry.entry, entry.right, entry.due], [1, 'objection', '2026-02-28'])
  assert.ok(entry.identified_by.includes('lei'), 'what the index knows is recorded too')
  for (const db of readers) {
    assert.equal(db.lookup('8.1.0.1'), null)
    assert.equal(db.classify('8.1.0.1').status, 'withheld')
    const matches = await db.lookupMany(['8.1.0.1', '8.1.2.3'])
    assert.deepEqual([...matches].map((match) => match?.company.name), [undefined, 'Beta GmbH'])
    for await (const { company } of db.networks()) assert.notEqual(company?.name, 'Alpha B.V.')
  }
  assert.equal(without.lookup('8.1.0.1')?.company.name, 'Alpha B.V.')

  await officer.lift(entry.entry, { reason: 'a mistake' })
  for (const db of readers) assert.equal(db.lookup('8.1.0.1')?.company.name, 'Alpha B.V.')
  await officer.restrict({ until: '2999-01-01', prefix: '8.1.0.0/24' })
  for (const db of readers) {
    assert.equal(db.lookup('8.1.0.1'), null)
    assert.equal(db.lookup('8.1.1.1')?.network, '8.1.1.0/24')
    await db.close()
  }
})

test('who objects while networks are listed is passed over', async () => {
  const here = folder()
  const registry = join(here, 'registry')
  const officer = await Registry.create(registry)
  const db = await open(await firms(here, 8), { registry })
  const listed: string[] = []
  for await (const { company } of db.networks()) {
    if (company === null) continue
    if (listed.length === 0) {
      await officer.object({ name: 'Firm 6 B.V.' })
      // Not the first address of its network.
      await officer.object({ prefix: '11.0.4.64/27' })
    }
    listed.push(company.name)
  }
  assert.deepEqual(listed, [0, 1, 2, 3, 5, 7].map((n) => `Firm ${n} B.V.`))
  await db.close()
})

test('what another process records is followed', async () => {
  const registry = join(folder(), 'registry')
  await Registry.create(registry)
  const db = await open(await world(), { registry })
  const child = fork(fileURLToPath(new URL('./officer.mjs', import.meta.url)), [registry, 'alpha.example'])
  await once(child, 'message')
  const begun = performance.now()
  while (db.lookup('8.1.0.1') !== null) {
    await new Promise((done) => setTimeout(done, 5))
    assert.ok(performance.now() - begun < 30_000, 'it was never followed')
  }
  child.kill()
  await db.close()
})

test('who has objected is left out of later builds', async () => {
  const here = folder()
  const registry = join(here, 'registry')
  const officer = await Registry.create(registry)
  await officer.object({ domain: 'alpha.example' })
  const report = await build(join(VECTORS, 'world', 'firmtrie.toml'), join(here, 'x.firm'), { registry })
  assert.equal(report.counts.companies, 8)
  const db = await open(join(here, 'x.firm'))
  assert.equal(db.lookup('8.1.0.1'), null)
  assert.ok(db.info().registry_fingerprint)
})

test('requests are recorded, answered in steps, and due in time', async () => {
  const here = folder()
  const officer = await Registry.create(join(here, 'registry'), { key: join(here, 'key') })
  await officer.erase({ email: 'someone@alpha.example', received: new Date('2026-10-05T22:00:00Z') })
  await officer.request('access', { domain: 'alpha.example', channel: 'mail' })
  await officer.rectify({ field: 'city', value: 'Utrecht', old: 'Utregt', vat: 'NL123456782B90' })
  assert.deepEqual((await officer.due()).map(({ entry }) => entry), [1, 2, 3])
  await officer.step(2, 'verified')
  assert.equal((await officer.step(2, 'extended', { reason: 'many at once' })).step, 'extended')
  await officer.step(2, 'done')
  assert.deepEqual((await officer.due()).map(({ right }) => right), ['erasure', 'rectification'])
  const again = await Registry.open(join(here, 'registry'), { key: join(here, 'key') })
  assert.deepEqual((await again.entries()).map(({ received }) => received)[0], '2026-10-05')

  const db = await open(await world())
  const held = await again.subject({ domain: 'alpha.example', index: db })
  assert.ok(JSON.stringify(held).includes('Alpha B.V.'))
})

test('what cannot be recorded is refused', async () => {
  const here = folder()
  const officer = await Registry.create(join(here, 'registry'))
  await assert.rejects(Registry.create(join(here, 'registry')), code('registry'))
  await assert.rejects(Registry.open(join(here, 'nowhere')), code('registry'))
  await assert.rejects(officer.object({}), FirmtrieError)
  await assert.rejects(officer.object({ lei: 'no lei' }), code('identifier'))
  await assert.rejects(officer.object({ phone: '1' } as object), /nobody is known by a "phone"/)
  await assert.rejects(officer.object({ vat: 12 as unknown as string }), /vat is a string/)
  await assert.rejects(officer.object({ domain: 'a.example', received: new Date(Number.NaN) }), code('usage'))
  await assert.rejects(officer.object({ domain: 'a.example', received: 'yesterday' }), code('usage'))
  await assert.rejects(officer.lift(99), FirmtrieError)
  await assert.rejects(officer.lift(-1), /there is no entry -1/)
  await assert.rejects(officer.step(1, 'dance' as 'done'), code('usage'))
  await assert.rejects(officer.rectify({ field: 'shoe', value: '1', vat: 'NL123456782B90' }), /is not one of name,/)
  assert.deepEqual(await officer.entries(), [])
})

test('a build tells how far it is, and gives its report', async () => {
  const here = folder()
  writeFileSync(join(here, 'rows.csv'), Array.from({ length: 250_000 }, (_, n) => {
    const net = `${11 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`
    return `${net}.0,${net}.255,${n + 1},Firm ${n} B.V.\n`
  }).join(''))
  const rows: number[] = []
  const manifest = {
    policy: 'open',
    source: [{ name: 's', format: 'asn-csv', path: join(here, 'rows.csv'), basis: 'b' }],
    controller: { name: 'Nobody Ltd' },
  } as const
  const report = await build({ ...manifest, source: [...manifest.source] }, join(here, 'x.firm'), {
    asOf: '2026-11-01',
    onProgress: (read) => rows.push(read),
  })
  assert.equal(report.counts.companies, 250_000)
  assert.ok(rows.length >= 2 && rows.at(-1)! >= 200_000, String(rows))
  assert.equal((await open(join(here, 'x.firm'))).info().as_of, '2026-11-01')
})

test('a build is given up by its signal, and what was there stays', async () => {
  const here = folder()
  const path = await firms(here, 60_000)
  const before = readFileSync(path)
  const reason = new Error('enough')
  const controller = new AbortController()
  const source = { name: 's', format: 'asn-csv', path: `${path}.csv`, basis: 'b' } as const
  const stopped = build({ policy: 'open', source: [source] }, path, { signal: controller.signal })
  controller.abort(reason)
  await assert.rejects(stopped, reason)
  assert.deepEqual(readFileSync(path), before)
})

test('what cannot be built is refused', async () => {
  const here = folder()
  const out = join(here, 'x.firm')
  await assert.rejects(build(join(here, 'nothing.toml'), out), code('io'))
  await assert.rejects(build({ source: [], colour: 'red' } as never, out), code('manifest'))
  await assert.rejects(build({ source: [] }), FirmtrieError)
  const source = { name: 's', format: 'asn-csv', path: join(here, 's.csv') } as const
  writeFileSync(source.path, '1.0.0.0,1.0.0.255,1,X\n')
  await assert.rejects(build({ source: [source] }, out), /basis/)
  await assert.rejects(build({ source: [{ ...source, basis: 'b' }] }, out, { policy: 'lax' }), FirmtrieError)
  await assert.rejects(build({ source: [{ ...source, basis: 'b' }] }, out, { key: 'key' }), code('usage'))
  assert.ok(!existsSync(out))
})

test('a registry that is gone or went back is told, and followed again', async () => {
  const here = folder()
  const [registry, database] = [join(here, 'registry'), join(here, 'registry', 'registry.db')]
  const officer = await Registry.create(registry)
  const told: Error[] = []
  const path = await firms(here, 8)
  const db = await open(path, { registry, watch: { onError: (error) => told.push(error as Error) } })
  const noticed = async (what: RegExp): Promise<void> => {
    const begun = performance.now()
    while (told.length === 0 && performance.now() - begun < 30_000) await sleep(5)
    assert.match(String(told.pop()?.message), what)
  }
  assert.deepEqual((await officer.object({ name: 'Firm 1 B.V.' })).not_followed, [])
  await officer.backup(join(here, 'older'))
  await assert.rejects(officer.backup(join(here, 'older')), code('registry'))
  assert.ok(!existsSync(join(here, 'older', 'registry.key')))
  await officer.object({ name: 'Firm 2 B.V.' })
  rmSync(database)
  await noticed(/cannot open the registry/)
  assert.equal(db.lookup('11.0.2.9'), null)
  const restored = await Registry.restore(registry, join(here, 'older'))
  assert.equal((await restored.entries()).length, 1)
  await noticed(/the registry went back: it had 2 entries/)
  assert.equal(db.lookup('11.0.1.9'), null)
  assert.ok(db.lookup('11.0.2.9'))
  assert.equal((await officer.object({ name: 'Firm 2 B.V.' })).entry, 2)
  assert.equal(db.lookup('11.0.2.9'), null)
  await assert.rejects(Registry.restore(registry, join(here, 'older')), code('registry'))
  await db.close()
})
