// What proves that all is well, what says that the page is old, the alerts of a span of time and what is done to many,
// an alert's number with its threshold, whom it touches, what was done the last time. Against the mock.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { real, until } from './harness.mjs';
import { go, loginOnce, page, texts, world } from './login.mjs';

const skip = real;

const has = (what, selector, pattern) =>
  until(what, async () => (await texts(selector)).some((text) => pattern.test(text)));

loginOnce({ skip, permissions: ['clipboard-read', 'clipboard-write'] });

test(
  'the overview shows how full the cloud is, who logs errors, and how slow its APIs are',
  { skip },
  async () => {
    await go('/');
    await has('vCPUs', '.figure', /vCPUs\s+29 %: 37 of 128/);
    assert.match((await texts('.figure .tight'))[0], /Memory\s+92 %: 214 GiB of 233 GiB/);
    await has('latency', '.figure', /compute\s+1\.3 s\s+network\s+220 ms\s+identity\s+80 ms/);
    await has('log errors', '.figure', /Log errors by project/);
  },
);

test('the verdict names the alert that others follow from, and leads to it', { skip }, async () => {
  const { id } = await world.control('raise', {
    text: 'rabbitmq is down',
    host: 'controller',
    service: 'rabbitmq',
  });
  await world.control('raise', {
    text: 'nova-api is slow',
    host: 'controller',
    service: 'nova-api',
    cause: id,
  });
  await go('/');
  await has('the cause', '.verdict', /Cause: rabbitmq on controller/);
  await page.locator('.verdict a', { hasText: 'rabbitmq on controller' }).click();
  await page.waitForURL(`${world.url}/alerts/${id}`);
});

test('alerts of a span: the strip counts what came and went, a bar becomes the span', { skip }, async () => {
  await go('/alerts', '.turns svg');
  assert.doesNotMatch((await texts('.alert-table'))[0], /exited with code 1/);
  await page.click('.strip .ranges a >> text=7d');
  await has('what has ended', '.alert-table tbody', /exited with code 1/);
  await has('the counts', '.strip', /1 ended/);
  assert.match(page.url(), /range=7d/);
  await page.focus('.turns svg');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.waitForURL(/from=.*to=/);
  await until(
    'only what stood then',
    async () => !/exited with code 1/.test((await texts('.alert-table tbody'))[0]),
  );
  await page.click('.strip a >> text=Now');
  await until('what stands now', () => !/range=|from=/.test(page.url()));
});

test('more spans: the usual ones, the calendar, and what was used before', { skip }, async () => {
  await go('/alerts', '.turns svg');
  const more = page.locator('.span-field button[popovertarget]');
  await more.click();
  await page.locator('.span-menu .usual button', { hasText: '30d' }).click();
  await page.waitForURL(/from=now-30d&to=now/);
  await more.click();
  await page.fill('.span-menu input[name=from]', '2026-01-02T10:00');
  await page.fill('.span-menu input[name=to]', '2026-01-02T09:00');
  await page.click('.span-menu form button');
  assert.match(await page.locator('.span-menu .problem').innerText(), /end must come after/);
  await page.fill('.span-menu input[name=to]', '2026-01-02T11:30');
  await page.click('.span-menu form button');
  await page.waitForURL(/from=2026-01-02T10%3A00%3A00.000Z&to=2026-01-02T11%3A30%3A00.000Z/);
  await more.click();
  await page.locator('.span-menu .recent button', { hasText: /^30d$/ }).click();
  await page.waitForURL(/from=now-30d/);
});

test('many alerts are noted, acknowledged with an undo, and silenced together', { skip }, async () => {
  await go('/alerts?q=storm', '.page h1');
  await world.control('storm', { from: 1, count: 3 });
  await until('three', async () => (await page.locator('.alert-table tbody tr[data-id]').count()) === 3);
  const all = page.locator('thead input[type=checkbox]');
  await all.check();
  await page.locator('.bulk button', { hasText: 'Add note' }).click();
  await page.fill('dialog input[name=note]', 'the switch was replaced');
  await page.click('dialog button[type=submit]');
  await has('it is said', '.notice', /3 of 3/);
  await all.check();
  await page.locator('.bulk button', { hasText: 'Acknowledge' }).click();
  await until('acknowledged', async () => (await page.locator('tr.s-ack').count()) === 3);
  await page.locator('.notice button').click();
  await until('taken back', async () => (await page.locator('tr.s-open').count()) === 3);
  await page.locator('.alert-table a.row-link').first().click();
  await has('the note', '.timeline', /the switch was replaced/);
  await page.goBack();
  await until('the list', async () => (await page.locator('.alert-table tbody tr[data-id]').count()) === 3);
  await all.check();
  await page.locator('.bulk button', { hasText: 'Silence' }).click();
  await has('what it hides', 'dialog .preview', /Hides 3 of/);
  await page.keyboard.press('Escape');
  await page.locator('.bulk button', { hasText: 'Copy for chat' }).click();
  await has('it is said', '.notice', /Copied/);
  const copied = (await page.evaluate(() => navigator.clipboard.readText())).split('\n');
  assert.equal(copied.length, 3);
  for (const line of copied) assert.match(line, /^[A-Z]+ .*storm.* http:\S+\/alerts\/\S+$/);
});

test('an alert of a number shows the number with its levels', { skip }, async () => {
  await go('/alerts/a-0004', '.threshold-chart canvas');
  const [text] = await texts('.threshold-chart');
  assert.match(text, /warning > 85 %, critical > 95 %/);
  assert.match(text, /host_filesystem_used_ratio\{host="compute2"\}/);
});

test(
  'an alert says whom it touches, how often it stood before, and what was done the last time',
  { skip },
  async () => {
    await go('/alerts/a-0001', '.around-alert');
    await has('the instances', '.touched', /8 instances, 1 tenant on 1 host/);
    await has('the note', '.last-note', /restarted it; RabbitMQ had lost its quorum\s+ana/);
    await has('how often', '[aria-label="The same before"]', /once in 30 d, for 7 m/);
  },
);

test(
  'services of the infrastructure show figures of their own, and mark what asks for attention',
  { skip },
  async () => {
    await go('/services/rabbitmq', '.own-figures canvas');
    await has('waiting messages', '.own-figures', /Messages waiting/);
    await has('the partition', '.own-figure.bad', /Network partitions/);
    await go('/services/mysql', '.own-figures canvas');
    await has('queries', '.own-figures', /Queries/);
    await go('/services/memcached', '.own-figures .empty');
    assert.match((await texts('.own-figures .empty'))[0], /switch on the collector memcached/);
    await go('/services/glance-api');
    assert.equal(await page.locator('.own-figures').count(), 0);
  },
);

test('an expression is completed, drawn, saved as CSV, and becomes a rule', { skip }, async () => {
  await go('/explore');
  const box = page.locator('.expression-box textarea');
  await box.pressSequentially('avg by (ho');
  await has('a label', '#proposals', /^host$/);
  await page.keyboard.press('Tab');
  await box.pressSequentially(') (host_lo');
  await has('a metric', '#proposals', /host_load1/);
  await page.keyboard.press('Tab');
  await box.pressSequentially('{host="comp');
  await has('a value', '#proposals', /compute1\s+compute2/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await box.pressSequentially('"})');
  assert.equal(await box.inputValue(), 'avg by (host) (host_load1{host="compute2"})');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.lines-chart canvas');
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('.panel button', { hasText: 'CSV' }).click(),
  ]);
  const [head, first] = (await readFile(await file.path(), 'utf8')).split('\r\n');
  assert.match(head, /^Time,"?host_load1\{/);
  assert.match(first, /^20\d\d-.*Z,[\d.]+/);
  await page.locator('.panel a', { hasText: 'Make a rule of this' }).click();
  const yaml = await page.locator('.rule-editor textarea').inputValue();
  assert.match(yaml, /promql: "avg by \(host\) \(host_load1\{host=\\"compute2\\"\}\)"/);
});

test('a question is asked anew while its span moves on, until that is paused', { skip }, async () => {
  await page.clock.install();
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().includes('query_range')) asked += 1;
  });
  await go('/explore?q=host_load1&range=15m', '.lines-chart canvas');
  const before = asked;
  await page.clock.fastForward(12_000);
  await until('it is asked again', () => asked > before);
  await page.keyboard.press('p');
  await page.waitForURL(/live=0/);
  await page.clock.fastForward(1500);
  const paused = asked;
  await page.clock.fastForward(30_000);
  assert.equal(asked, paused);
  await page.clock.resume();
});

test('a question that takes long is given up, and can be asked again', { skip }, async () => {
  let held = true;
  await page.route(/query_range/, async (route) => (held ? undefined : route.continue()));
  await go('/explore?q=host_cpu_used_ratio&range=1h');
  const cancel = page.locator('.page button', { hasText: 'Cancel' });
  await cancel.click();
  await has('it is said', '.failure', /cancelled/);
  held = false;
  await page.click('.failure button');
  await page.waitForSelector('.lines-chart canvas');
  await page.unroute(/query_range/);
});

test('where there are several clouds one of them is looked at, on every page', { skip }, async () => {
  await go('/', '.verdict');
  assert.equal(await page.locator('.cloud-pick').count(), 0);
  const [cloud] = (await world.callAs('GET', '/api/v1/clouds')).items;
  await world.callAs('PUT', '/api/v1/nodes/compute2', { cloud_id: '' });
  await page.reload();
  await page.selectOption('.cloud-pick', cloud.name);
  await until('its nodes', async () => (await page.locator('.map tbody tr').count()) === 2);
  // compute2 alone is now of no named cloud, and all alerts are of the other.
  const counted = async () =>
    (await texts('.counts a')).reduce((sum, text) => sum + Number(text.replace(/\D/g, '')), 0);
  const all = await until('its alerts', counted);
  await page.selectOption('.cloud-pick', 'Production');
  await until('none', async () => (await counted()) === 0);
  await has('its verdict', '.verdict', /is up/);
  await page.selectOption('.cloud-pick', cloud.name);
  await until('its alerts', async () => (await counted()) === all);
  await page.click('.rail a[href="/nodes"]');
  await page.waitForURL(new RegExp(`/nodes\\?cloud=${cloud.name}`));
  await has('its nodes', '.nodes-page', /compute1/);
  assert.doesNotMatch((await texts('.nodes-page'))[0], /compute2/);
  await page.selectOption('.cloud-pick', '');
  await has('all nodes', '.nodes-page', /compute2/);
  await world.callAs('PUT', '/api/v1/nodes/compute2', { cloud_id: cloud.id });
});

test('the palette acknowledges, silences and leads to what can be done', { skip }, async () => {
  await go('/', '.verdict');
  await page.keyboard.press('Control+k');
  await page.locator('.palette input').pressSequentially('ack no valid');
  await has('the alert', '.palette li', /Acknowledge\s+No valid host/);
  await page.keyboard.press('Enter');
  await has('it is done', '.notice', /Undo/);
  assert.match((await texts('.wrong'))[0], /No valid host/);
  await page.keyboard.press('u');
  await page.keyboard.press('Control+k');
  await page.locator('.palette input').pressSequentially('silence node compute1 8h');
  await has('the silence', '.palette li', /Silence\s+compute1 8h/);
  await page.keyboard.press('Enter');
  await has('what it hides', 'dialog .preview', /Hides \d+ of/);
  assert.equal(await page.inputValue('dialog select[name=duration]'), '8h');
  await page.keyboard.press('Escape');
});

test('what is typed right after Ctrl-K is for the palette, and acts on nothing', { skip }, async () => {
  await go('/alerts', '.alerts tbody tr');
  const type = () => page.keyboard.press('Control+k').then(() => page.keyboard.type('aqu'));
  await page.keyboard.press('j');
  await page.route(/palette/, (route) => setTimeout(() => route.continue(), 300));
  await type(); // its code is on the way yet
  await page.waitForSelector('.palette');
  assert.equal(await page.locator('.notice').count(), 0);
  await page.keyboard.press('Escape');
  await type();
  assert.equal(await page.inputValue('.palette input'), 'aqu');
  await page.keyboard.press('Escape');
});

test('a screen on a wall: no bar, no rail, and round the pages when that is asked', { skip }, async () => {
  await page.clock.install();
  await go('/?kiosk=1&rotate=10', '.kiosk-foot');
  assert.equal(await page.locator('.top, .rail').count(), 0);
  await page.clock.fastForward(11_000);
  await page.waitForURL(/\/alerts\?kiosk=1&rotate=10/);
  await page.click('.kiosk-foot button');
  await page.waitForSelector('.top');
  assert.equal(new URL(page.url()).search, '');
  await page.clock.resume();
});

test('a new alert is a notification of the desktop once that is switched on', { skip }, async () => {
  await page.context().grantPermissions(['notifications'], { origin: world.url });
  await page.addInitScript(() => {
    window.__shown = [];
    const Real = window.Notification;
    window.Notification = class {
      static permission = 'granted';
      static requestPermission = () => Promise.resolve('granted');
      constructor(title, { body, tag }) {
        window.__shown.push({ title, body, tag });
      }
      close() {}
    };
    window.__real = Real;
  });
  await go('/', '.verdict');
  await page.waitForSelector('.live[data-state=live]');
  await world.control('raise', { text: 'nobody hears this' });
  await has('it is there', '.wrong', /nobody hears this/);
  assert.deepEqual(await page.evaluate(() => window.__shown), []);
  await page.click('.user');
  await page.locator('.menu .choice', { hasText: 'Desktop notifications' }).locator('input').click();
  await page.keyboard.press('Escape');
  const { id } = await world.control('raise', { text: 'glance-api is down', service: 'glance-api' });
  const [shown] = await until('one', () => page.evaluate(() => window.__shown.length > 0 && window.__shown));
  assert.deepEqual(shown, { title: 'critical – Apollo', body: 'glance-api is down', tag: id });
});

test('husbandry says week by week whether it gets better', { skip }, async () => {
  await go('/rules/husbandry', '.week-by-week table');
  const [text] = await texts('.week-by-week');
  assert.match(text, /57 % fewer for each person than in the weeks before\.\s+4 people answer alerts/);
  assert.equal(await page.locator('.week-by-week tbody tr').count(), 8);
});

test(
  'all quiet is proven by what is watched and how fresh it is, or is said to be unknown',
  { skip },
  async () => {
    await world.control('quiet');
    await go('/alerts', '.empty');
    await has(
      'the proof',
      '.empty',
      /All quiet\. Watched: nodes 3, services \d+, rules \d+\. Newest data \d+ s ago, rules looked \d+ s ago\./,
    );
    await world.control('silence');
    await page.reload();
    await has('the doubt', '.empty', /proves nothing\. (The rules last looked|No node was heard)/);
    await world.control('speak');
  },
);

test('whatever is no longer current says so and is grey', { skip }, async () => {
  await page.clock.install();
  await go('/', '.verdict');
  assert.equal(await page.locator('.stale-bar').count(), 0);
  await world.control('hang', { on: 1 });
  await page.clock.fastForward(90_000);
  await has('its age', '.stale-bar', /Nothing new for 1 m/);
  assert.match(await page.locator('.verdict').evaluate((one) => getComputedStyle(one).filter), /grayscale/);
  await world.control('hang', { on: 0 });
  await page.clock.fastForward(60_000);
  await until('it is fresh again', async () => (await page.locator('.stale-bar').count()) === 0);
  await page.clock.resume();
});

test('no policy was violated, nothing failed on the way', { skip }, () => {
  assert.deepEqual(world.sins, { csp: [], foreign: [], errors: [], dialogs: [] });
});
