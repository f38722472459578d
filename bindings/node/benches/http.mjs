/**
 * Fastify under load, with the plugin and without.
 *
 * Takes an index, and the page to write the table into: its part `Fastify, with the plugin` is
 * replaced. Two servers of one process each, in turns, are asked by autocannon over loopback, as much as
 * they can answer: a request takes what is left of a second when it is shared among those that were
 * answered. What is compared are pairs of a round, which a busy machine disturbs alike.
 */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import Fastify from 'fastify'
import { open } from 'firmtrie'
import { fastifyVisitors } from 'firmtrie/http'

const ROUNDS = 20
const SECONDS = 3
const CONNECTIONS = 20
const TITLE = '## Fastify, with the plugin'

/** A server in a process of its own. */
async function serve(index) {
  const app = Fastify()
  if (index !== '') {
    await app.register(fastifyVisitors, { reader: await open(index), trusted: ['127.0.0.1'] })
  }
  app.get('/', async (request) => request.visitor?.company?.name ?? 'whoever you are')
  await app.listen({ port: 0, host: '127.0.0.1' })
  process.send(app.server.address().port)
}

/** What a request takes, in microseconds: each with another visitor. */
async function request(port) {
  const url = `http://127.0.0.1:${port}`
  let visitor = 0
  const setupClient = (client) => {
    client.setHeaders({ 'x-forwarded-for': `${(visitor += 37) % 224}.${visitor % 251}.1.1` })
    client.on('response', () => {
      client.setHeaders({ 'x-forwarded-for': `${(visitor += 37) % 224}.${visitor % 251}.1.1` })
    })
  }
  const { requests } = await autocannon({ url, connections: CONNECTIONS, duration: SECONDS, setupClient })
  return 1e6 / requests.average
}

const middle = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

async function main([index, page]) {
  const start = async (given) => {
    const child = fork(fileURLToPath(import.meta.url), ['serve', given])
    const [port] = await once(child, 'message')
    return { child, port }
  }
  const servers = { 'without': await start(''), 'with the plugin': await start(index) }
  const times = { 'without': [], 'with the plugin': [] }
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, { port }] of Object.entries(servers)) {
      const time = await request(port)
      if (round >= 0) times[name].push(time)
    }
  }
  for (const { child } of Object.values(servers)) child.kill()
  const ratios = times['with the plugin'].map((time, round) => time / times['without'][round])
  const lines = Object.entries(times).map(([name, all]) => {
    return `| ${name} | ${middle(all).toFixed(1)} µs | ${Math.min(...all).toFixed(1)} µs |`
  })
  const part = [
    TITLE,
    '',
    `Fastify on Node.js ${process.version.slice(1)}, autocannon over loopback on ${CONNECTIONS} connections, each request`,
    `with another visitor in \`X-Forwarded-For\`; ${ROUNDS} rounds of ${SECONDS} s each, in turn; load ${loadavg()[0].toFixed(2)}.`,
    `A request with the plugin takes ${middle(ratios).toFixed(3)} times as long (the median of the rounds).`,
    '',
    '| a request | median | least |',
    '| --- | --- | --- |',
    ...lines,
    '',
  ].join('\n')
  process.stdout.write(part)
  if (page !== undefined) {
    const others = readFileSync(page, 'utf8').replace(new RegExp(`^${TITLE}\\n[^]*?(?=^## |(?![^]))`, 'm'), '')
    writeFileSync(page, `${others.trimEnd()}\n\n${part}`)
  }
}

const [first, ...others] = process.argv.slice(2)
if (first === 'serve') await serve(others[0])
else await main([first, ...others])
