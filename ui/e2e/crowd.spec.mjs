// Ten thousand alerts, and a storm of them.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { real, until } from './harness.mjs';
import { loginOnce, page, world } from './login.mjs';

const MANY = Number(process.env.APOLLO_CROWD ?? (real ? 2000 : 10_000));
const STORM = { seconds: Number(process.env.APOLLO_STORM_SECONDS ?? 6), rate: real ? 200 : 1000 };

loginOnce();

const report = (from, count, stamp, text = (n) => `alert ${n} of host-${n % 20}`) =>
  world.callAs(
    'POST',
    '/alertmanager/api/v2/alerts',
    Array.from({ length: count }, (_, i) => from + i).map((n) => ({
      labels: {
        alertname: `Bench${n % 7}`,
        instance: `${stamp}-${n}`,
        host: `host-${n % 20}`,
        severity: 'warning',
      },
      annotations: { summary: text(n) },
      endsAt: new Date(Date.now() + 36e5).toISOString(),
    })),
  );
const shown = async () => Number((await page.locator('.pager').innerText()).replace(/\D/g, ''));
const rows = () => page.locator('.alert-table tbody tr').count();

test('ten-k-alerts: loaded, sorted, filtered, all selected and acknowledged', async () => {
  if (real) for (let n = 0; n < MANY; n += 500) await report(n, 500, 'crowd');
  else await world.control('crowd', { alerts: MANY });
  await page.goto(`${world.url}/alerts?q=of%20host-`);
  await until('the count', async () => (await shown()) === MANY);
  assert.ok((await rows()) <= 60, `${await rows()} rows`);
  await page.locator('#page').focus();
  await page.keyboard.press('End');
  await until('the last row', () => page.locator(`tr[aria-rowindex="${MANY + 1}"] .row-link`).count());
  assert.ok((await rows()) <= 60, `${await rows()} rows`);
  await page.locator('.alert-table thead a', { hasText: 'Host' }).click();
  await until('by host', async () => (await page.locator('td.c-host').first().innerText()) === 'host-0');
  await page.fill('#alert-search', 'of host-19');
  await until('fewer', async () => (await shown()) === MANY / 20);
  await page.fill('#alert-search', 'of host-');
  await until('all again', async () => (await shown()) === MANY);
  await page.locator('#page').focus();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.locator('.bulk button', { hasText: String(MANY) }).click();
  await page.locator('.bulk .primary').click();
  await until('its end', async () => (await page.locator('.bulk').count()) === 0, 120);
  await page.goto(`${world.url}/alerts?q=of%20host-&status=ack`);
  await until('all of them', async () => (await shown()) === MANY);
});

test('focus survives an update, and the order stands still under the pointer', async () => {
  await page.goto(`${world.url}/alerts?q=of%20host-&sort=age`);
  await until('rows', () => rows());
  await page.locator('.alert-table tbody tr .row-link').nth(3).focus();
  const order = () =>
    page.locator('.alert-table tbody tr').evaluateAll((all) => all.slice(0, 10).map((one) => one.dataset.id));
  const before = await order();
  if (real) await report(MANY, 3, 'late');
  else
    for (let i = 0; i < 3; i += 1)
      await world.control('raise', { text: `late ${i} of host-1`, severity: 'critical' });
  await until('the bar', () => page.locator('.new-rows').count());
  assert.deepEqual(await order(), before);
  assert.equal(await page.evaluate(() => document.activeElement.closest('tr').dataset.id), before[3]);
  await page.keyboard.press('.');
  await until('the new ones', async () => (await order())[0] !== before[0]);
});

test('alert-storm-1k-per-s: the page follows, and its count is the server’s', async () => {
  await page.mouse.move(5, 400);
  await page.goto(`${world.url}/alerts?q=storm%20of`);
  await until('the list', () => page.locator('.alert-table tbody tr, .alerts .empty').count());
  let sent = 0;
  const started = Date.now();
  while (Date.now() - started < STORM.seconds * 1000) {
    const count = Math.round(STORM.rate / 10);
    if (real) await report(sent, count, 'storm', (n) => `storm of ${n}`);
    else await world.control('storm', { from: sent, count });
    sent += count;
    await new Promise((done) => setTimeout(done, 100));
  }
  const there = async () =>
    (await world.callAs('GET', '/api/v1/alert-rows?q=storm%20of&page_size=1')).matching;
  await until(
    'the same count',
    async () => (await there()) >= sent && (await shown()) === (await there()),
    60,
  );
  assert.ok((await rows()) <= 60);
});

test('soak: a while of updates leaves no heap behind', async () => {
  const session = await page.context().newCDPSession(page);
  const used = async () => {
    await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Runtime.getHeapUsage')).usedSize;
  };
  const work = async (rounds) => {
    for (let i = 0; i < rounds; i += 1) {
      await page.click('.rail a[href="/logs"]');
      await until('lines', () => page.locator('.log-list').count());
      await page.click('.rail a[href="/alerts"]');
      await until('rows', () => page.locator('.alert-table tbody tr').count());
    }
  };
  await work(3);
  const before = await used();
  await work(Number(process.env.APOLLO_SOAK_ROUNDS ?? 10));
  const growth = (await used()) - before;
  assert.ok(growth < 20_000_000, `${growth} bytes`);
});

test('no policy was violated, nothing failed on the way', () => {
  assert.deepEqual(world.sins, { csp: [], foreign: [], errors: [], dialogs: [] });
});
