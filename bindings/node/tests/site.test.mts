/** What a site operator meets in the first hour: sockets, proxies on this machine, slips, results that travel. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type RequestListener } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import express from 'express'
import Fastify from 'fastify'
import { build, clientIp, FirmtrieError, open, type Reader, Registry, TrustedProxies } from 'firmtrie'
import { fastifyVisitors, recognition, visitors } from 'firmtrie/http'
import { folder, openWorld, VECTORS } from './world.mjs'

/** What is warned of meanwhile. */
async function warnings(work: () => unknown): Promise<string[]> {
  const told: string[] = []
  const listen = (warning: Error & { code?: string }): void => void told.push(`${warning.code}: ${warning.message}`)
  process.on('warning', listen)
  await work()
  await new Promise(setImmediate)
  process.off('warning', listen)
  return told
}

function ask(socketPath: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part)).on('end', () => resolve(text))
    })
    asked.on('error', reject).end()
  })
}

/** Requests of both frameworks have a visitor, as far as types can tell, too. */
const frameworks: Record<string, (db: Reader, at: string) => Promise<{ close: () => unknown }>> = {
  Express: async (db, at) => {
    const app = express()
    app.use(visitors(db, { trusted: ['unix'] }))
    app.get('/', (request, response) => void response.send(request.visitor.company?.name ?? request.visitor.status))
    const server = createServer(app as RequestListener).listen(at)
    await once(server, 'listening')
    return server
  },
  Fastify: async (db, at) => {
    const app = Fastify()
    await app.register(fastifyVisitors, { reader: db, trusted: ['unix'] })
    app.get('/', async (request) => request.visitor.company?.name ?? request.visitor.status)
    await app.listen({ path: at })
    return app
  },
}

for (const [name, serve] of Object.entries(frameworks)) {
  test(`${name}: a proxy that comes by a unix socket is trusted when told`, async () => {
    const at = join(folder(), 'site.sock')
    const server = await serve(await openWorld(), at)
    assert.equal(await ask(at, { 'x-forwarded-for': '9.9.9.9, 8.1.0.1' }), 'Alpha B.V.')
    assert.equal(await ask(at, { 'x-forwarded-for': '8.2.0.1' }), 'non_business')
    assert.equal(await ask(at, {}), 'unknown')
    await server.close()
  })
}

test('who has hung up is no proxy', async () => {
  // On a server that listens to the net: the peer is gone when its request is looked at.
  const recognise = recognition(await openWorld(), { trusted: ['unix'] })
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const seen = once(server, 'request') as Promise<[IncomingMessage]>
  const { port } = server.address() as { port: number }
  const visitor: Socket = connect(port, '127.0.0.1')
  visitor.write('GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 8.1.0.1\r\n\r\n')
  const [asked] = await seen
  const gone = new Promise((resolve) => asked.socket.on('error', () => {}).on('close', resolve))
  visitor.resetAndDestroy()
  await gone
  assert.equal(asked.socket.remoteAddress, undefined)
  assert.equal(recognise(asked).status, 'unknown')
  server.close()
})

test('a request that looks proxied while nobody is trusted warns once', async () => {
  const db = await openWorld()
  const asked = (headers: Record<string, string>) =>
    ({ socket: { remoteAddress: '127.0.0.1' }, headers }) as unknown as IncomingMessage
  const told = await warnings(() => {
    const recognise = recognition(db)
    recognise(asked({ accept: '*/*' }))
    for (let at = 0; at < 3; at++) recognise(asked({ 'x-forwarded-for': '8.1.0.1' }))
  })
  assert.equal(told.length, 1, told.join())
  assert.match(told[0]!, /^FIRMTRIE_UNTRUSTED_PROXY: requests come with x-forwarded-for.*'loopback'/)
  assert.ok(!told[0]!.includes('8.1.0.1'))
  const trusting = recognition(db, { trusted: ['loopback'] })
  assert.deepEqual(await warnings(() => trusting(asked({ 'x-forwarded-for': '8.1.0.1' }))), [])
  assert.equal(trusting(asked({ 'x-forwarded-for': '8.1.0.1' })).company?.name, 'Alpha B.V.')
})

test('why visitors are not recognised is a warning where nobody asks to be told', async () => {
  const db = await openWorld()
  const recognise = recognition(db)
  await db.close()
  const asked = { socket: { remoteAddress: '8.1.0.1' }, headers: {} } as unknown as IncomingMessage
  const told = await warnings(() => [recognise(asked), recognise(asked)])
  assert.equal(told.length, 1)
  assert.match(told[0]!, /^FIRMTRIE_VISITOR: .*the reader is closed/)
  const throwing = recognition(db, { onError: () => { throw new Error('mine') } })
  const thrown = await warnings(() => assert.equal(throwing(asked).status, 'unknown'))
  assert.deepEqual(thrown, ['FIRMTRIE_VISITOR: onError threw: Error: mine'])
})

test('slips are errors, and say what was meant', async () => {
  const db = await openWorld()
  const unawaited = openWorld() as unknown as Reader
  const any = <T,>(value: unknown): T => value as T
  const registry = await Registry.create(join(folder(), 'registry'))
  const slips: Array<[() => unknown, RegExp]> = [
    [() => visitors(unawaited), /the reader is a promise; await it: give what `await open\(…\)` gives/],
    [() => visitors(any(undefined)), /the reader is undefined/],
    [() => visitors(db, any({ onError: 5 })), /visitors: onError is a function, not 5/],
    [() => visitors(db, any({ truste: [] })), /there is no option truste; there are trusted, header, onError/],
    [() => new TrustedProxies(['localhost']), /"localhost" is no proxy; .* loopback for this machine/],
    [() => new TrustedProxies([], any({ headers: 'Forwarded' })), /there is no option headers/],
    [() => visitors(db, any({ trusted: null })), /visitors: trusted is a list of strings, not null/],
    [() => visitors(db, { trusted: any('unix') }), /visitors: trusted is a list of strings, not "unix"/],
    [() => visitors(db, { trusted: any([null]) }), /visitors: the trusted proxies are strings, but number 0 is null/],
    [() => visitors(db, { header: any(null) }), /visitors: header is a string, not null/],
    [() => new TrustedProxies(any('unix')), /the trusted proxies are a list of strings, not "unix"/],
    [() => open('x.firm', any([])), /open: options are an object, not an array/],
    [() => open('x.firm', any({ watch: 'yes' })), /open: watch is true, false, or an object with onError, not "yes"/],
    [() => open('x.firm', any({ watch: { onerror: 1 } })), /watch: there is no option onerror; there are onError/],
    [() => build('x.toml', any(5)), /build: the output is a string, not 5/],
    [() => build('x.toml', 'x.firm', any({ signal: 5 })), /build: signal is an AbortSignal, not 5/],
    [() => build(any(undefined)), /build: the manifest, which is no path, is an object, not undefined/],
    [() => build(any({ a: 10n })), /build: the manifest is no data: .*BigInt/],
    [() => registry.object(any(undefined)), /who is an object, not undefined/],
    [() => registry.request(any(5), {}), /the right is a string, not 5/],
    [() => registry.restrict(any({ name: 'x' })), /restrict: until is a day, .* not undefined/],
    [() => registry.rectify(any({ name: 'x' })), /rectify: field is a string, not undefined/],
    [() => new TrustedProxies().client(any(5)), /the peer is a string, not 5/],
    [() => clientIp('127.0.0.1', any({ host: 'x' })), /the values of the header are a list of strings, not an object/],
    [() => db.lookupMany(any(5)), /lookupMany: the first argument is a list of addresses, or another iterable, not 5/],
    [() => db.lookupPacked(any(undefined)), /lookupPacked: the first argument is a Uint32Array, .* not undefined/],
    [() => db.lookupLines(any({})), /lookupLines: the first argument is a string, Buffer or Uint8Array, not an object/],
    [() => db.lookupPacked(new Uint8Array(4), any({ version: 5 })), /version is 4 or 6, not 5/],
    [() => db.lookupMany(any('8.1.0.1')), /lookupMany: the first argument is a list of addresses, .* not "8.1.0.1"/],
    [() => db.networksOf(any(db.lookup('8.1.0.1'))), /networksOf: give a name, an LEI, a domain or a Company, not an object/],
    [() => clientIp('127.0.0.1', '8.1.0.1', any(null)), /clientIp: options are an object, not null/],
    [() => db.networks({ asn: 1.5 }), /networks: asn is a number from 0 to 4294967295, not 1.5/],
    [() => registry.lift(1, any({ reason: 5 })), /lift: reason is a string, not 5/],
    [() => registry.lift(any('1')), /the entry is a number, not "1"/],
    [() => Registry.open(any(null)), /the folder is a string, not null/],
    [() => open(any(undefined)), /open: the path is a string, not undefined/],
    [() => open('x.firm', any({ registery: 'x' })), /open: there is no option registery; there are registry, key/],
    [() => open(folder()), /Is a directory/],
    [() => build('x.toml', 'x.firm', any({ asof: '2026-01-01' })), /build: there is no option asof/],
    [() => registry.object({ domain: 'alpha.example', index: unawaited }), /index is a reader, not a promise; await it/],
    [() => registry.object(any({ domain: 5 })), /domain is a string, not 5/],
    [() => db.lookup(any(undefined)), /an address is a string, .* not undefined/],
    [() => db.lookup(any(134283265)), /an address is a string, .* not 134283265/],
    [() => db.lookupMany(['8.1.0.1', any(null)]), /address 1: an address is a string, .* not null/],
    [() => db.lookupMany([], any({ invalid: 'null' })), /lookupMany: there is no option invalid/],
    [() => db.networks(any({ company: 'x' })), /networks: there is no option company; there are prefix, asn/],
  ]
  for (const [slip, says] of slips) {
    await assert.rejects(async () => slip(), (error) => {
      assert.ok(error instanceof FirmtrieError, String(error))
      assert.match(error.message, says)
      return true
    })
  }
  for (const begin of [() => registry.lift(any('1')), () => registry.step(1, 'done', any(null))]) {
    await assert.rejects(begin(), FirmtrieError, 'a promise is rejected, and nothing thrown before')
  }
  const app = Fastify()
  app.register(fastifyVisitors, { reader: unawaited })
  await assert.rejects(async () => app.ready(), /the reader is a promise/)
})

test('of a list bad addresses are nobody when told', async () => {
  const db = await openWorld()
  const addresses = ['8.1.0', '8.1.0.1', '', null, '8.2.3.4', 5] as string[]
  const found = await db.lookupMany(addresses, { onError: 'null' })
  assert.deepEqual([...found].map((match) => match?.company.name ?? null), [null, 'Alpha B.V.', null, null, 'Alpha B.V.', null])
})

test('results travel as plain objects, and a match knows its address', async () => {
  const db = await openWorld()
  const match = db.lookup('::ffff:8.1.0.9')!
  assert.equal(match.address, '8.1.0.9')
  assert.equal(db.lookup(Buffer.from([8, 1, 0, 1]))!.address, '8.1.0.1')
  assert.equal(db.lookup('2600:100:0:0::1')?.address ?? db.classify('2600:100:0:0::1').address, '2600:100::1')
  for (const matches of [
    await db.lookupMany(['8.1.0.1', '::ffff:8.1.0.9', '2600:1::5']),
    await db.lookupLines('8.1.0.1\n8.1.0.9\n2600:1::5\n', { networks: true }),
  ]) {
    assert.deepEqual([...matches].map((match) => match?.address), ['8.1.0.1', '8.1.0.9', '2600:1::5'])
  }
  const packed = await db.lookupPacked(Uint32Array.of(0x08010009), { networks: true })
  assert.equal(packed.at(0)!.address, '8.1.0.9')

  const plain = match.toObject()
  assert.deepEqual(structuredClone(plain), plain)
  assert.deepEqual({ ...plain }, plain)
  assert.equal(plain.address, '8.1.0.9')
  assert.equal(plain.company.name, 'Alpha B.V.')
  assert.deepEqual(plain.company, match.company.toObject())
  assert.equal(JSON.parse(JSON.stringify(match)).address, '8.1.0.9')
  const nobody = db.classify('8.2.0.1')
  assert.deepEqual(structuredClone(nobody.toObject()), nobody.toObject())
  assert.equal(nobody.address, '8.2.0.1')
  for await (const network of db.networks({ prefix: '8.2.0.0/24' })) {
    assert.equal(network.address, null)
    assert.ok(!('address' in network.toJSON()))
  }
})

test('a report is written beside the index, and nothing else is overwritten', async () => {
  const here = folder()
  const [manifest, letter] = [join(VECTORS, 'world', 'firmtrie.toml'), join(here, 'letter.txt')]
  writeFileSync(letter, 'Dear Sir or Madam')
  const code = (error: unknown): boolean => error instanceof FirmtrieError && error.code === 'output'
  await assert.rejects(build(manifest, letter), code)
  await assert.rejects(build(manifest, join(here, 'x.firm'), { report: letter }), code)
  assert.equal(readFileSync(letter, 'utf8'), 'Dear Sir or Madam')
  assert.ok(!existsSync(join(here, 'x.firm')))
  await build(manifest, join(here, 'x.firm'), { report: join(here, 'report.json') })
  assert.match(readFileSync(join(here, 'report.json'), 'utf8'), /"left_out"/)
  await build(manifest, letter, { force: true })
  assert.match(readFileSync(letter, 'latin1'), /^FIRMTRIE/)
})
