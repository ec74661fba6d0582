// How one looks at things: how close rows stand, which columns there are, the calendar of silences, and the states of ISA
// 18.2. Against the mock server, or a real one that follows that model.
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
    await page.setViewportSize({ width: 375, height: 800 });
    await until('a finger’s rows', async () => (await height()) === 84);
    await page.setViewportSize({ width: 1280, height: 800 });
    await until('closer rows again', async () => (await height()) === 27);
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

test('the columns of the alerts are chosen by pointing, and the address has them', async () => {
  const heads = () => page.locator('.alert-table thead th:not(.c-choose)').allInnerTexts();
  await world.raise('one to look at');
  await go('/alerts', '.alert-table tbody tr');
  const usual = await heads();
  assert.equal(await page.locator('#columns-menu').isVisible(), false, 'until it is asked for');
  await page.click('.columns-pick');
  assert.ok(await page.locator('#columns-menu input[name=text]').isDisabled(), 'the text stays');
  await page.locator('#columns-menu input[name=service]').uncheck();
  await page.locator('#columns-menu input[name=rule]').check();
  await page.locator('#columns-menu input[name=cloud]').check();
  assert.deepEqual(await world.axe(page), []);
  await page.keyboard.press('Escape');
  const chosen = ['Severity', 'What', 'Host', 'Cloud', 'Rule', 'Status', 'Times', 'Age'];
  assert.deepEqual(
    (await heads()).map((text) => text.trim().replace(/\W+$/, '')),
    chosen,
  );
  const address = new URL(page.url());
  assert.equal(address.searchParams.get('cols'), 'severity,text,host,cloud,rule,status,times,age');
  await go(address.pathname + address.search, '.alert-table tbody .c-rule');
  assert.equal((await heads()).length, chosen.length);
  assert.ok((await page.locator('tbody .c-cloud').first().innerText()) !== '');
  if (!real)
    // what other programs report has no rule
    assert.match(await page.locator('tbody .c-rule a').first().getAttribute('href'), /^\/rules\/./);
  await page.click('.columns-pick');
  for (const [name, on] of [
    ['service', true],
    ['rule', false],
    ['cloud', false],
  ])
    await page.locator(`#columns-menu input[name=${name}]`).setChecked(on);
  await page.keyboard.press('Escape');
  assert.deepEqual(await heads(), usual);
  assert.equal(new URL(page.url()).search, '', 'the usual ones need no name');
});

test(
  'with the model of ISA 18.2 an alert says its state, in the list and on its page',
  { skip },
  async () => {
    const text = 'pressure of boiler 1';
    const { id } = await (real ? world.raise(text) : world.control('raise', { text, isa: 'UNACK' }));
    await go('/alerts', '.alert-table tbody tr');
    const row = page.locator('.alert-table tbody tr', { hasText: text });
    await until('its state', async () => (await row.locator('.c-status abbr').innerText()) === 'UNACK');
    await row.locator('.row-link').click();
    await page.waitForSelector('.alert-head .isa');
    assert.match(
      await page.locator('.alert-head .facts').innerText(),
      /UNACK trouble that nobody took note of/,
    );
    await page.keyboard.press('a');
    await until('noted', async () => /ACKED/.test(await page.locator('.alert-head .facts').innerText()));
    await go(`/alerts/${id}`, '.alert-head .isa');
    await go('/alerts?status=ack', '.alert-table tbody tr');
    await until('its state', async () => (await row.locator('.c-status abbr').innerText()) === 'ACKED');
  },
);

test('the calendar shows what is hidden when, each time of what recurs, in the zone', async () => {
  const silence = async (more) =>
    world.callAs('POST', '/api/v1/silences', {
      matchers: [{ name: 'host', value: 'compute1', isRegex: false, isEqual: true }],
      reason: 'nightly backup',
      ...more,
    });
  const starts = '2030-01-09T18:00:00Z';
  const nightly = await silence({
    starts,
    ends: '2030-01-20T00:00:00Z',
    recurrence: { weekdays: ['fri', 'sat'], start: '22:00', length: '4h', utc_offset: '-5h' },
  });
  const once = await silence({ starts, ends: '2030-01-11T05:00:00Z', reason: 'new switch' });
  await go('/silences?cal=2030-01-10&tz=America/Lima', '.quiet-calendar');
  const cells = await page
    .locator('.quiet-calendar td')
    .evaluateAll((all) =>
      all.map((cell) => [
        cell.querySelector('time').dateTime,
        [...cell.querySelectorAll('li a b')].map((hours) => hours.innerText),
      ]),
    );
  assert.equal(cells.length, 28);
  assert.equal(cells[0][0], '2030-01-07', 'a Monday');
  assert.deepEqual(
    cells.filter(([, hours]) => hours.length > 0),
    [
      ['2030-01-09', ['13:00–24:00']],
      ['2030-01-10', ['all day']],
      ['2030-01-11', ['22:00–24:00']],
      ['2030-01-12', ['00:00–02:00', '22:00–24:00']],
      ['2030-01-13', ['00:00–02:00']],
      ['2030-01-18', ['22:00–24:00']],
      ['2030-01-19', ['00:00–02:00']],
    ],
  );
  assert.deepEqual(await world.axe(page), []);
  await page.locator('.quiet-calendar nav a').last().click();
  await page.waitForURL(/cal=2030-02-04/);
  await page.goBack();
  await page.locator('.quiet-calendar li a', { hasText: 'new switch' }).first().click();
  await page.waitForURL((url) => url.searchParams.get('id') === once.id);
  await until('it alone', async () => (await page.locator('.silences tbody tr').count()) === 1);
  await page.click('a[href="/silences"]:not(.rail a)');
  await until('all of them', async () => (await page.locator('.silences tbody tr').count()) > 1);
  const row = page.locator(`tr[data-id="${nightly.id}"]`);
  assert.match(await row.innerText(), /22:00 UTC-05:00, for 4h/);
  await row.locator('.acts button').first().click();
  assert.match(await page.locator('dialog.form-dialog').innerText(), /always UTC-05:00/);
  await page.locator('dialog button[type=submit]').click();
  await until('it is saved', async () => (await page.locator('dialog.form-dialog').count()) === 0);
  const { items } = await world.callAs('GET', '/api/v1/silences');
  const after = items.find(({ id }) => id === nightly.id).recurrence;
  assert.match(after.utc_offset, /^(-5h|-300m)$/, 'changing a silence keeps its clock');
  for (const { id } of [nightly, once]) await world.callAs('DELETE', `/api/v1/silences/${id}`);
});

test('what was over before anybody took note of it can still be noted', async () => {
  const text = 'pressure of boiler 2';
  const event = 'Boiler2';
  const { id } = await (real ? world.raise(text, { event }) : world.control('raise', { text, isa: 'RTNUN' }));
  if (real) await world.raise(text, { event, severity: 'normal' });
  const named = new URLSearchParams({ q: text });
  await go(`/alerts?${named}`, '.alert-table tbody tr');
  const row = page.locator('.alert-table tbody tr', { hasText: text });
  await until('its row among those that wait', () => row.count());
  assert.match(await row.locator('.c-status').innerText(), /^over\s+RTNUN/);
  await page.locator('.counts a', { hasText: 'over, not acknowledged' }).click();
  await page.waitForURL(/status=RTNUN/);
  assert.deepEqual(
    await page.locator('.filters .chip', { has: page.locator('input:checked') }).allInnerTexts(),
    ['over, not acknowledged'],
  );
  assert.equal(await row.count(), 1);
  assert.deepEqual(await world.axe(page), []);
  await go(`/alerts/${id}`, '.alert-head .isa');
  const facts = () => page.locator('.alert-head .facts').innerText();
  assert.match(await facts(), /RTNUN over before anybody took note/);
  await page.keyboard.press('a');
  await until('well', async () => /NORM/.test(await facts()));
  assert.equal(await page.locator('.notice button').count(), 0, 'there is nothing to take back');
  await go('/alerts?status=closed', '.alert-table tbody tr');
  await until('it is closed like any other', () => row.count());
  await go(`/alerts?${named}`, '.alerts .empty');
  assert.equal(await row.count(), 0, 'it waits for nobody any more');
});

/** Of each shelf one value of a metric, as a collector sends it. */
const sendShelves = (name, shelves) => {
  const dataPoints = shelves.map((shelf) => ({
    timeUnixNano: String(BigInt(Date.now()) * 1000000n),
    asDouble: 1,
    attributes: [{ key: 'shelf', value: { stringValue: shelf } }],
  }));
  return world.callAs('POST', '/otlp/v1/metrics', {
    resourceMetrics: [
      { resource: { attributes: [] }, scopeMetrics: [{ metrics: [{ name, gauge: { dataPoints } }] }] },
    ],
  });
};

test('usage says which metrics have the most series, and which labels make them many', async () => {
  const metric = real ? 'shelf_fill' : 'host_load1';
  if (real) await sendShelves(metric, ['a', 'b', 'c']);
  const row = page.locator('.usage .grid tbody tr', { hasText: metric });
  await until('the metric', async () => {
    await go('/settings/usage', '.usage :is(.grid, .empty)');
    return row.count();
  });
  assert.match(await row.innerText(), new RegExp(`${metric}\\s+3\\s+[\\d.]+\\s*%`));
  await row.locator('th a').click();
  await page.waitForURL(/metric=/);
  const labels = page.locator('.usage .panel', { hasText: `Labels of ${metric}` }).locator('tbody tr');
  await until('its labels', async () => (await labels.count()) > 0);
  assert.match(await labels.first().innerText(), real ? /shelf\s+3/ : /host\s+3/);
  assert.deepEqual(await world.axe(page), []);
});

test(
  'the bar on top says what nobody is told of: silenced alerts, and nodes that are worked on',
  { skip },
  async () => {
    const of = (host) => ({ matchers: [{ name: 'host', value: host }], reason: 'bar', duration: '1h' });
    await world.raise('hushed one', { resource: 'compute1' });
    const made = await world.callAs('POST', '/api/v1/silences', of('compute1'));
    const work = await world.callAs('POST', '/api/v1/maintenances', {
      ...of('controller'),
      kind: 'blackout',
    });
    await go('/rules', '.counts .hushed');
    const said = () => page.locator('.counts').innerText();
    await until('silenced', async () => /\d silenced/.test(await said()));
    assert.match(await said(), /1 node blackout/);
    assert.deepEqual(await world.axe(page), []);
    await page.locator('.counts .hushed').first().click();
    await page.waitForURL(/muted=only/);
    await world.callAs('DELETE', `/api/v1/silences/${made.id}`);
    await world.callAs('DELETE', `/api/v1/maintenances/${work.id}`);
  },
);

test('no policy was violated, nothing failed on the way', () => {
  assert.deepEqual(world.sins, { csp: [], foreign: [], errors: [], dialogs: [] });
});
