/**
 * One lookup of a string, and many, beside maxmind's readers on the same data.
 *
 * Takes an index and a MaxMind database of the same rows, and the page to write the tables into: its
 * part `From Node.js` is replaced. All contenders take turns in every round, in one process; figures
 * are medians and minima over the rounds, in nanoseconds an address, with the load of the machine.
 * Ratios are of the minima, which a loaded machine disturbs less.
 */

import assert from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { loadavg } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { Reader as GeoIp2 } from '@maxmind/geoip2-node'
import * as maxmind from 'maxmind'
import { open } from 'firmtrie'

const ROUNDS = 12
const COUNT = 1_000_000
const TITLE = '## From Node.js'
const PEER = '`maxmind`, `get`, name'

/** A generator of 32 bits with a seed: xorshift, of Marsaglia (2003). */
let state = 7
function random() {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return state >>> 0
}

const text = (bits) => [bits >>> 24, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255].join('.')

/** Addresses of all IPv4 space. */
function uniform() {
  return Uint32Array.from({ length: COUNT }, random)
}

/** An address inside a network drawn by chance: what a log with many firms looks like. */
async function routed(db) {
  const networks = []
  for await (const { network } of db.networks()) {
    const [first, length] = network.split('/')
    if (first.includes(':')) continue
    const bits = first.split('.').reduce((bits, byte) => bits * 256 + Number(byte), 0)
    networks.push([bits, 2 ** (32 - length) - 1])
  }
  return Uint32Array.from({ length: COUNT }, () => {
    const [first, hosts] = networks[random() % networks.length]
    return first + (random() & hosts)
  })
}

/** Visitors that come back: 1,000 addresses, the n-th as often as 1/n (Zipf). */
function hot() {
  const known = uniform().slice(0, 1000)
  const upTo = []
  known.forEach((_, n) => upTo.push((upTo[n - 1] ?? 0) + 1 / (n + 1)))
  return Uint32Array.from({ length: COUNT }, () => {
    const wanted = (random() / 2 ** 32) * upTo.at(-1)
    return known[upTo.findIndex((end) => wanted < end)]
  })
}

/** What is measured, by its name. Each reads what it is called after of every answer. */
function contenders(db, peer, geoip2) {
  return {
    'firmtrie, `lookup`': ({ texts }) => {
      for (const address of texts) db.lookup(address)
    },
    'firmtrie, `lookup`, name': ({ texts }) => {
      let length = 0
      for (const address of texts) length += db.lookup(address)?.company.name.length ?? 0
      return length
    },
    'firmtrie, `lookup`, `match.name`': ({ texts }) => {
      let length = 0
      for (const address of texts) length += db.lookup(address)?.name.length ?? 0
      return length
    },
    'firmtrie, `lookupMany`, names': async ({ texts }) => {
      let length = 0
      for (const match of await db.lookupMany(texts)) length += match?.company.name.length ?? 0
      return length
    },
    'firmtrie, `lookupPacked`': ({ numbers }) => db.lookupPacked(numbers),
    'firmtrie, `lookupPacked`, visits and name of each company': async ({ numbers }) => {
      const found = await db.lookupPacked(numbers)
      const visits = new Uint32Array(found.distinct + 1)
      for (const answer of found.answers) visits[answer]++
      return Array.from(visits, (count, answer) => [found.company(answer)?.name, count])
    },
    'firmtrie, `lookupPacked` with networks': ({ numbers }) => db.lookupPacked(numbers, { networks: true }),
    [PEER]: ({ texts }) => {
      let length = 0
      for (const address of texts) {
        length += peer.get(address)?.autonomous_system_organization.length ?? 0
      }
      return length
    },
    '`@maxmind/geoip2-node`, `asn`, name': ({ texts }) => {
      let length = 0
      for (const address of texts) {
        try {
          length += geoip2.asn(address).autonomousSystemOrganization.length
        } catch {
          // It throws where nobody is known.
        }
      }
      return length
    },
  }
}

/** Both know the same. */
function agree(db, peer, texts) {
  for (const address of texts) {
    const theirs = peer.get(address)?.autonomous_system_organization.trim()
    assert.strictEqual(db.lookup(address)?.company.name, theirs, address)
  }
}

async function measure(contenders, addresses) {
  const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, ask] of Object.entries(contenders)) {
      const begun = process.hrtime.bigint()
      await ask(addresses)
      times[name].push(Number(process.hrtime.bigint() - begun) / COUNT)
    }
  }
  return times
}

function table(title, times) {
  const peer = Math.min(...times[PEER])
  const lines = [
    `### ${title}`,
    '',
    '| | median | least | maxmind takes so many times as long |',
    '| --- | --- | --- | --- |',
  ]
  for (const [name, rounds] of Object.entries(times)) {
    const sorted = rounds.toSorted((a, b) => a - b)
    const [least, median] = [sorted[0], sorted[ROUNDS >> 1]]
    lines.push(`| ${name} | ${median.toFixed(0)} ns | ${least.toFixed(0)} ns | ${(peer / least).toFixed(2)} |`)
  }
  return lines.join('\n')
}

/** The longest that the event loop had to wait while something went on, and how long that took. */
async function loop(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const begun = performance.now()
  await work()
  const took = performance.now() - begun
  delay.disable()
  return { gap: delay.max / 1e6, took }
}

/** What `lookupMany` does to the event loop, beside an idle one. */
async function loops(db, { texts }) {
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) {
    const idle = await loop(() => setTimeout(250))
    rounds.push({ idle: idle.gap, ...(await loop(() => db.lookupMany(texts))) })
  }
  const figures = (of) => {
    const sorted = rounds.map(of).toSorted((a, b) => a - b)
    return `${sorted[ROUNDS >> 1].toFixed(1)} ms | ${sorted[0].toFixed(1)} ms |`
  }
  return [
    `### The event loop during \`lookupMany\` of ${COUNT.toLocaleString('en')} strings`,
    '',
    '| | median | least |',
    '| --- | --- | --- |',
    `| longest gap, idle | ${figures(({ idle }) => idle)}`,
    `| longest gap | ${figures(({ gap }) => gap)}`,
    `| all of it | ${figures(({ took }) => took)}`,
  ].join('\n')
}

const [index, mmdb, page] = process.argv.slice(2)
const db = await open(index)
const peer = await maxmind.open(mmdb)
const geoip2 = await GeoIp2.open(mmdb)
const version = (name) => createRequire(import.meta.url)(`${name}/package.json`).version
const parts = [
  TITLE,
  `Node.js ${process.version.slice(1)}, maxmind ${version('maxmind')}, @maxmind/geoip2-node ` +
    `${version('@maxmind/geoip2-node')}; ${ROUNDS} rounds of ${COUNT.toLocaleString('en')} addresses, ` +
    `all in turn; load ${loadavg()[0].toFixed(2)}.`,
]
for (const [title, make] of [['IPv4 routed', routed], ['IPv4 uniform', uniform], ['IPv4 hot', hot]]) {
  const numbers = await make(db)
  const addresses = { numbers, texts: Array.from(numbers, text) }
  agree(db, peer, addresses.texts)
  parts.push(table(title, await measure(contenders(db, peer, geoip2), addresses)))
  if (make === uniform) parts.push(await loops(db, addresses))
}
const part = parts.join('\n\n') + '\n'
process.stdout.write(part)
if (page !== undefined) {
  const others = readFileSync(page, 'utf8').replace(new RegExp(`^${TITLE}\\n[^]*?(?=^## |(?![^]))`, 'm'), '')
  writeFileSync(page, `${others.trimEnd()}\n\n${part}`)
}
