// The first half minute: a server that was started with --demo-self in an empty data directory, and whoever follows the link
// that it printed. Needs a real server, begun at APOLLO_BEGUN (Unix ms; tests/e2e/test_ui.py).
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { open, until } from './harness.mjs';

const begun = Number(process.env.APOLLO_BEGUN ?? 0);
const skip = begun === 0;
let world;
let page;

before(async () => {
  if (skip) return;
  world = await open();
  page = await (await world.newContext()).newPage();
});
after(() => world?.close());

test(
  'first-run-30s: from an empty data directory by a link to a live chart of this host and a line of its logs',
  { skip },
  async () => {
    await page.goto(process.env.APOLLO_LINK);
    const host = page.locator('.map tbody tr').first();
    await host.waitFor();
    await host.locator('.gauge .spark canvas').first().waitFor();
    const figures = async () => (await host.locator('.gauge').allInnerTexts()).join();
    const first = await until('figures', async () => /\d/.test(await figures()) && figures());
    await until('them to move', async () => (await figures()) !== first);
    const name = (await host.locator('th a').innerText()).trim();
    await page.click('.rail a[href="/logs"]');
    const line = page.locator('.log-list .row').first();
    await line.waitFor();
    assert.match(await page.locator('.log-list').innerText(), new RegExp(name));
    assert.ok(Date.now() - begun < 30_000, `${(Date.now() - begun) / 1000} s`);
  },
);

test('first-run: what was found is listed, and the watch watches itself', { skip }, async () => {
  await page.click('.rail a[href="/services"]');
  await until('itself', async () => /sentinella/.test(await page.locator('.page').innerText()));
});

test('no policy was violated, nothing failed on the way', { skip }, () => {
  assert.deepEqual(world.sins, { csp: [], foreign: [], errors: [], dialogs: [] });
});
