/** A cluster of three workers: each records objections and answers what it shows. */

import cluster from 'node:cluster'
import { createServer } from 'node:http'
import { open, Registry } from 'firmtrie'

const [folder = '', index = '', count = '0', port = '0'] = process.argv.slice(2)
// The primary has both open too.
const registry = await Registry.open(folder)
const db = await open(index, { registry: folder })

if (cluster.isPrimary) {
  const begun = new Set<number>()
  cluster.on('listening', ({ id }) => {
    begun.add(id)
    if (begun.size === 3) process.send?.('ready')
  })
  // Whoever is killed is replaced.
  cluster.on('exit', () => cluster.fork())
  for (let worker = 0; worker < 3; worker++) cluster.fork()
  process.on('disconnect', () => process.exit())
} else {
  const shown = (): number[] =>
    Array.from({ length: Number(count) }, (_, firm) => firm).filter((firm) => db.lookup(`11.0.${firm}.9`))
  createServer((request, response) => {
    const firm = /^\/object\/(\d+)$/.exec(request.url ?? '')?.[1]
    const done = firm === undefined ? Promise.resolve() : registry.object({ name: `Firm ${firm} B.V.` })
    void done.then(() => response.end(JSON.stringify({ worker: process.pid, firms: shown() })))
  }).listen(Number(port), '127.0.0.1')
}
