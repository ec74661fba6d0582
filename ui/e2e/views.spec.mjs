// How one looks at things: how close rows stand, which columns there are, the calendar of silences, and the states of ISA
// 18.2.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { enter, real, until } from './harness.mjs';

const skip = real && 'against the mock server';
let world;
let page;

before(async () => {
  ({ world, page } = await enter());
});
after(() => world?.close());

const go = async (path, selector = '.page h1') => {
  await page.goto(world.url + path);
  await page.waitForSelector(selector);
};
const choose = async (name, value) => {
  await page.click('button.user');
  await page.locator(`#user-menu select[name=${name}]`).selectOption(value);
};

test(
  'rows stand closer when that is chosen, and long lists still end with their last row',
  { skip },
  async () => {
    const many = 3000;
    await world.control('crowd', { alerts: many });
    await go('/alerts', '.alert-table tbody tr');
    const height = () =>
      page
        .locator('.alert-table tbody tr')
        .nth(3)
        .evaluate((row) => row.offsetHeight);
    assert.equal(await height(), 36);
    await choose('density', 'compact');
    await page.keyboard.press('Escape');
    await until('closer rows', async () => (await height()) === 27);
    const rows = await page.locator('.alert-table table').getAttribute('aria-rowcount');
    await page.locator('#page').focus();
    await page.keyboard.press('End');
    await until('the last row', () => page.locator(`tr[aria-rowindex="${rows}"] .row-link`).count());
    const last = page.locator(`tr[aria-rowindex="${rows}"]`);
    assert.ok((await last.boundingBox()).y < 800, 'the last row is on the screen');
    await go('/logs', '.log-row, .log-list [data-place]');
    assert.equal(
      await page.evaluate(() => document.documentElement.dataset.density),
      'compact',
      'it is kept',
    );
    assert.deepEqual(await world.axe(page), []);
    await choose('density', 'wall');
    await page.waitForURL(/kiosk=1/);
    await page.click('.kiosk-foot button');
    await choose('density', 'comfortable');
    await page.keyboard.press('Escape');
  },
);

test('no policy was violated, nothing failed on the way', () => {
  assert.deepEqual(world.sins, { csp: [], foreign: [], errors: [], dialogs: [] });
});
