/** The same for Fastify and Express: `node site.mjs fastify|express PORT|SOCKET`. */

import { createServer } from 'node:http'
import express from 'express'
import Fastify from 'fastify'
import { open } from 'firmtrie'
import { fastifyVisitors, visitors } from 'firmtrie/http'

const [framework, at] = process.argv.slice(2)
const reader = await open('world.firm', { registry: 'registry' })
const trusted = ['unix', 'loopback']
const hello = ({ visitor }) => (visitor.company ? `Hello, ${visitor.company.name}` : 'Hello')
const where = /^\d+$/.test(at) ? { port: Number(at), host: '127.0.0.1' } : { path: at }

if (framework === 'fastify') {
  const app = Fastify()
  app.register(fastifyVisitors, { reader, trusted })
  app.get('/', async (request) => hello(request))
  await app.listen(where)
} else {
  const app = express()
  app.use(visitors(reader, { trusted }))
  app.get('/', (request, response) => response.send(hello(request)))
  createServer(app).listen(where)
}
