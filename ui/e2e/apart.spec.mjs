// The pages from another site than the API, as from a CDN: login, silent refresh, the live stream and logout without a
// cookie. The site is a server of static files that this file starts.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open, real, until } from './harness.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const skip = real && !process.env.APOLLO_APART;
let world;
let site;
let origin;
let page;

/** What docs/apollo.md tells people to set up. */
function serve(api) {
  const csp = `default-src 'self'; connect-src ${api}; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'`;
  const index = readFileSync(`${DIST}/index.html`, 'utf8').replace(
    '<meta name="sentinella-api" content="" />',
    `<meta name="sentinella-api" content="${api}" />`,
  );
  return (request, response) => {
    const { pathname } = new URL(request.url, 'http://site');
    const isFile = extname(pathname) !== '' && pathname !== '/index.html';
    response.writeHead(200, {
      'content-type': TYPES[isFile ? extname(pathname) : '.html'] ?? 'application/octet-stream',
      'content-security-policy': csp,
    });
    response.end(isFile ? readFileSync(DIST + pathname) : index);
  };
}

before(async () => {
  if (skip) return;
  const wanted = process.env.APOLLO_APART ? new URL(process.env.APOLLO_APART) : null;
  site = createServer();
  await new Promise((resolve) => site.listen(wanted ? Number(wanted.port) : 0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${site.address().port}`;
  world = await open({ origins: [origin] });
  site.on('request', serve(world.url));
  page = await (await world.newContext()).newPage();
});
after(async () => {
  await world?.close();
  site?.closeAllConnections?.();
  site?.close();
});

test('from another site: login, the live stream, and no cookie', { skip }, async () => {
  await page.goto(`${origin}/login`);
  await world.loginByForm(page);
  await page.waitForSelector('.verdict h1');
  await page.waitForSelector('.live[data-state=live]');
  assert.deepEqual(await page.context().cookies(), []);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  assert.equal(kept, '[{},{}]');
});

test('from another site: an expired token is renewed without a word', { skip: skip || real }, async () => {
  const before = (await world.control('counts')).refresh;
  await world.control('expire');
  await page.click('.rail a[href="/alerts"]');
  await page.waitForSelector('.alert-table tbody tr');
  assert.ok((await world.control('counts')).refresh > before);
  assert.equal(await page.locator('dialog[open]').count(), 0);
});

test(
  'from another site: a second tab is logged in by the first, and both by one logout out',
  { skip },
  async () => {
    const other = await page.context().newPage();
    await other.goto(`${origin}/`);
    await other.waitForSelector('.verdict h1');
    await page.goto(`${origin}/alerts`);
    await page.waitForSelector('.alerts h1');
    await page.click('.user');
    await page.locator('.menu button', { hasText: 'Log out' }).click();
    for (const one of [page, other]) await one.waitForSelector('form.login');
    await other.close();
  },
);

test('from another site: no policy was violated', { skip }, async () => {
  await until('quiet', () => true);
  assert.deepEqual(world.sins, { csp: [], foreign: [], errors: [], dialogs: [] });
});
