// A server that restarts, is gone, or forgets who one is: the page says so, loses nothing and comes back.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { ask, host, mayAsk, password, real, until, user } from './harness.mjs';
import { loginOnce, page, world } from './login.mjs';

const skip = real && !mayAsk;

loginOnce({ skip });

const live = () => page.waitForSelector('.live[data-state=live]');

test(
  'expired-refresh-keeps-page: a dialog over the page; what was typed and the address survive',
  { skip },
  async () => {
    await page.goto(`${world.url}/silences?new=1&m=host%3Dcontroller`);
    await page.waitForSelector('dialog.form-dialog[open]');
    await page.locator('dialog input[name=reason]').fill('half a thought');
    const address = page.url();
    await world.endLogins();
    if (real) await page.waitForTimeout(6000); // the token in the page's memory holds for five seconds
    // The preview may be the first to notice.
    const submit = page.locator('dialog.form-dialog button[type=submit]');
    await submit.click({ timeout: 1500 }).catch(() => undefined);
    await page.waitForSelector('dialog.login-dialog[open]', { timeout: 30_000 });
    assert.equal(page.url(), address);
    assert.equal(await page.locator('input[name=reason]').inputValue(), 'half a thought');
    await page.keyboard.press('Control+A');
    await page.keyboard.type(user);
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await until('the page', async () => (await page.locator('dialog.login-dialog').count()) === 0);
    const made = page.locator('.grid tbody tr', { hasText: 'half a thought' });
    await until('the silence', async () => {
      if (await submit.count()) await submit.click({ timeout: 500 }).catch(() => undefined);
      return made.count();
    });
    assert.equal(await page.locator('dialog[open]').count(), 0);
    await page
      .locator('.grid tbody tr', { hasText: 'half a thought' })
      .locator('button', { hasText: 'End now' })
      .click();
  },
);

test('parallel-401-one-refresh: requests that fail together share one refresh', { skip }, async () => {
  await page.goto(world.url);
  await until('gauges', () => page.locator('.map .gauge .spark canvas').count());
  const seen = { refused: 0, refreshes: 0 };
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  const count = (response) => {
    if (response.status() === 401) seen.refused += 1;
  };
  page.on('response', count);
  // The refresh waits until the whole page was refused.
  await page.route('**/api/v1/auth/refresh', async (route) => {
    seen.refreshes += 1;
    await held;
    await route.continue();
  });
  if (real) await page.waitForTimeout(6000);
  else await world.control('expire');
  await page.evaluate(
    (path) => {
      history.pushState(null, '', path);
      dispatchEvent(new PopStateEvent('popstate'));
    },
    `/nodes/${host || 'controller'}`,
  );
  await until('twelve that fail together', () => seen.refused >= 12);
  release();
  await until('the node', () => page.locator('.node-day .figures').count());
  await page.unroute('**/api/v1/auth/refresh');
  page.off('response', count);
  assert.equal(seen.refreshes, 1);
  assert.equal(await page.locator('dialog[open], .failure').count(), 0);
});

test(
  'server-restart-while-open: it is said, nothing is loaded anew, no row is there twice',
  { skip },
  async () => {
    await page.goto(`${world.url}/alerts?status=open&status=ack&status=closed`);
    await live();
    await until('the list', () => page.locator('.alert-table tbody tr, .alerts .empty').count());
    await page.evaluate(() => {
      window.__same = true;
    });
    if (real) await ask('restart');
    else await world.control('restart');
    await until(
      'the badge',
      async () => /server restarted \d\d:\d\d:\d\d/.test(await page.locator('.live').innerText()),
      40,
    );
    await live();
    assert.equal(await page.evaluate(() => window.__same), true);
    const ids = await page
      .locator('.alert-table tbody tr')
      .evaluateAll((rows) => rows.map((row) => row.dataset.id));
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(await page.locator('.failure, .notice.bad').count(), 0);
  },
);

test(
  'server-gone-5min: values grow old and say so, no storm of notices, and it comes back',
  { skip },
  async () => {
    await page.clock.install();
    await page.goto(world.url);
    await until('gauges', () => page.locator('.map .gauge .value').count());
    await (real ? ask('gone') : world.control('hang', { on: '1' }));
    await page.clock.fastForward(90_000);
    await until('the badge', () => page.locator('.live:not([data-state=live])').count());
    await page.clock.fastForward('03:30');
    await until('old values', () => page.locator('.map .gauge.old').count());
    assert.match(await page.locator('.map .gauge.old .value').first().innerText(), /[45] m old/);
    assert.ok((await page.locator('.notice').count()) <= 1);
    assert.equal(await page.locator('dialog[open]').count(), 0);
    await (real ? ask('back') : world.control('hang', { on: '0' }));
    await page.clock.fastForward(60_000);
    await page.clock.resume();
    await until('the stream', () => page.locator('.live[data-state=live]').count(), 40);
    await until('fresh values', async () => (await page.locator('.map .gauge.old').count()) === 0, 40);
  },
);

test('login-ok-bad-locked: too many wrong passwords say how long to wait', { skip }, async () => {
  const strangers = await world.newContext();
  const stranger = await strangers.newPage();
  await stranger.goto(`${world.url}/login`);
  for (let i = 0; i < 25; i += 1)
    await fetch(`${world.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: user, password: 'wrong' }),
    });
  await world.loginByForm(stranger, user, 'wrong wrong wrong');
  await until('the wait', async () =>
    /in \d+ seconds/.test(await stranger.locator('.login .error').innerText()),
  );
  await strangers.close();
});

test('no policy was violated, nothing failed on the way', { skip }, () => {
  assert.deepEqual({ ...world.sins }, { csp: [], foreign: [], errors: [], dialogs: [] });
});
