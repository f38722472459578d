/** The visitor's company on every request, on real servers. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import express from 'express'
import Fastify from 'fastify'
import { FirmtrieError, open, openSync, type Reader, Registry } from 'firmtrie'
import { fastifyVisitors, recognition, type Visitor, visitors } from 'firmtrie/http'
import { folder, openWorld, world } from './world.mjs'

/** What the servers of these tests answer: who visits, and all that is on the request of it. */
function told(visitor: Visitor): string {
  return JSON.stringify({ name: visitor.company?.name ?? null, status: visitor.status, all: inspect(visitor) })
}

interface Told {
  name: string | null
  status: string
  all: string
}

async function withExpress(db: Reader, trusted: string[], header = 'X-Forwarded-For'): Promise<Server> {
  const app = express()
  app.use(visitors(db, { trusted, header }))
  app.get('/', (request, response) => void response.send(told(request.visitor)))
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function withFastify(db: Reader, trusted: string[], header = 'X-Forwarded-For'): Promise<Server> {
  const app = Fastify()
  await app.register(fastifyVisitors, { reader: db, trusted, header })
  app.get('/', async (request) => told(request.visitor))
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
}

/** Keeps as many connections as there are requests at a time. */
const agent = new Agent({ keepAlive: true, maxSockets: 100 })

function get(server: Server, headers: Record<string, string | string[]> = {}): Promise<Told> {
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', headers, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text) as Told)
        else reject(new Error(`${response.statusCode}: ${text}`))
      })
    })
    asked.on('error', reject).end()
  })
}

for (const [name, serve] of Object.entries({ Express: withExpress, Fastify: withFastify })) {
  test(`${name}: the company is on the request, and no address`, async () => {
    const server = await serve(await openWorld(), ['127.0.0.0/8'])
    // What the proxy does not write is the visitor's word.
    for (const others of [{}, { forwarded: 'for=8.2.0.1' }, { 'cf-connecting-ip': '8.2.0.1' }]) {
      const { name, status, all } = await get(server, { 'x-forwarded-for': '8.1.0.77', ...others })
      assert.deepEqual([name, status], ['Alpha B.V.', 'company'])
      assert.ok(!all.includes('8.1.0'), all)
    }
    assert.equal((await get(server, { 'x-forwarded-for': ['8.1.2.3', '8.1.0.77'] })).name, 'Alpha B.V.')
    const others = { '8.2.0.1': 'non_business', '8.11.0.1': 'withheld', '10.0.0.1': 'unknown', nonsense: 'unknown' }
    for (const [address, status] of Object.entries(others)) {
      const visitor = await get(server, { 'x-forwarded-for': address })
      assert.deepEqual([visitor.name, visitor.status], [null, status], address)
    }
    server.close()
  })

  test(`${name}: of all headers the one that the proxy writes is read`, async () => {
    const server = await serve(await openWorld(), ['127.0.0.0/8'], 'CF-Connecting-IP')
    const told = await get(server, { 'cf-connecting-ip': '8.1.0.77', 'x-forwarded-for': '8.2.0.1', forwarded: 'for=8.2.0.1' })
    assert.equal(told.name, 'Alpha B.V.')
    assert.equal((await get(server, { 'x-forwarded-for': '8.1.0.77', forwarded: 'for=8.1.0.77' })).name, null)
    server.close()
    await assert.rejects(async () => serve(await openWorld(), [], 'X-Forwaded-For'), /is no header/)
  })

  test(`${name}: an address that an untrusted client forges changes nothing`, async () => {
    for (const trusted of [[], ['10.0.0.0/8', '192.0.2.1']]) {
      const server = await serve(await openWorld(), trusted)
      const honest = await get(server)
      assert.deepEqual([honest.name, honest.status], [null, 'unknown'])
      for (const header of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'cf-connecting-ip', 'true-client-ip']) {
        for (const value of ['8.1.0.1', 'for=8.1.0.1', '8.1.0.1, 10.0.0.1', 'for=8.1.0.1;by=10.0.0.1']) {
          assert.deepEqual(await get(server, { [header]: value }), honest)
        }
      }
      server.close()
    }
  })

  test(`${name}: after an objection none of a thousand requests under way shows the firm`, async () => {
    const registry = join(folder(), 'registry')
    const officer = await Registry.create(registry)
    const db = await open(await world(), { registry })
    const server = await serve(db, ['127.0.0.1'])
    let acknowledged = false
    const begunAfter: Array<Promise<Told>> = []
    const begunBefore: Array<Promise<Told>> = []
    // A hundred at a time, a thousand after the objection.
    const visit = async (): Promise<void> => {
      while (begunAfter.length < 1000) {
        const asked = get(server, { 'x-forwarded-for': '8.1.0.9' })
        ;(acknowledged ? begunAfter : begunBefore).push(asked)
        await asked
      }
    }
    const load = Promise.all(Array.from({ length: 100 }, visit))
    while (begunBefore.length < 500) await new Promise((done) => setTimeout(done, 1))
    assert.equal((await begunBefore[0]!).name, 'Alpha B.V.')
    await officer.object({ domain: 'alpha.example' })
    acknowledged = true
    await load
    for (const { name, status } of await Promise.all(begunAfter)) {
      assert.deepEqual([name, status], [null, 'withheld'])
    }
    server.close()
    await db.close()
  })
}

test('a request is never lost on account of its visitor', async () => {
  const db = await openWorld()
  await db.close()
  const errors: unknown[] = []
  const recognise = recognition(db, { onError: (error) => errors.push(error) })
  const request = (remoteAddress?: string) => ({ socket: { remoteAddress }, headersDistinct: {} }) as never
  assert.deepEqual(recognise(request('8.1.0.1')), { status: 'unknown', company: null, kind: null })
  assert.ok(errors[0] instanceof FirmtrieError && errors[0].code === 'closed')
  // A socket of the file system, and an address with a zone, of nobody.
  const opened = recognition(openSync(await world()), { onError: (error) => errors.push(error) })
  assert.equal(opened(request(undefined)).status, 'unknown')
  assert.equal(opened(request('fe80::1%eth0')).status, 'unknown')
  assert.ok(errors.slice(1).every((error) => !String(error).includes('fe80')), String(errors))
  assert.throws(() => recognition(db, { trusted: ['everybody'] }), FirmtrieError)
})
