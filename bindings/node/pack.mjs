/**
 * Packs the package for npm: a thin one with everything that is JavaScript, and one for each
 * platform whose binary is in `dist`, of which npm installs the one that fits.
 *
 *     node pack.mjs FOLDER
 *
 * leaves the tarballs in the folder. It publishes nothing.
 */

import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('say where the tarballs should go: node pack.mjs FOLDER')
const out = resolve(folder)
const stage = join(out, 'stage')
rmSync(out, { recursive: true, force: true })
mkdirSync(join(stage, 'main'), { recursive: true })

const manifest = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
const platforms = join(stage, 'npm')
const napi = join(here, 'node_modules', '.bin', 'napi')
cpSync(join(here, 'package.json'), join(stage, 'package.json'))
execFileSync(napi, ['create-npm-dirs'], { cwd: stage, stdio: ['ignore', 'ignore', 'inherit'] })

/** What every package has. */
function complete(into) {
  for (const licence of ['LICENSE-APACHE', 'LICENSE-MIT']) {
    cpSync(join(here, '..', '..', licence), join(into, licence))
  }
  cpSync(join(here, 'README.md'), join(into, 'README.md'))
  execFileSync('npm', ['pack', '--silent', '--pack-destination', out], {
    cwd: into,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

const optional = {}
for (const platform of readdirSync(platforms)) {
  const into = join(platforms, platform)
  const { name, main } = JSON.parse(readFileSync(join(into, 'package.json'), 'utf8'))
  optional[name] = manifest.version
  const binary = join(here, 'dist', main)
  if (!existsSync(binary)) continue
  cpSync(binary, join(into, main))
  complete(into)
}

const main = join(stage, 'main')
const { devDependencies: _, scripts: __, ...published } = manifest
writeFileSync(
  join(main, 'package.json'),
  JSON.stringify({ ...published, optionalDependencies: optional }, null, 2) + '\n',
)
cpSync(join(here, 'dist'), join(main, 'dist'), {
  recursive: true,
  filter: (from) => !from.endsWith('.node') && !from.endsWith('.map'),
})
complete(main)
