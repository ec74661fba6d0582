// Time spans, charts, the status page, resources, the story of an instance, and what is said where there is nothing.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { host, real, sideways, until } from './harness.mjs';
import { go, loginOnce, page, world } from './login.mjs';
import { INSTANCE, PROJECTS } from './mock_cloud.mjs';

loginOnce({ permissions: ['clipboard-read', 'clipboard-write'] });

const spanOf = (address) => {
  const params = new URL(address).searchParams;
  return [Date.parse(params.get('from')), Date.parse(params.get('to'))];
};

test('timezone-copy-paste: a span copied in UTC and pasted at -06:00 is the same instant', async () => {
  await go('/logs?from=2026-11-21T10:00:00Z&to=2026-11-21T11:30:00Z');
  await page.getByLabel('Copy the span').click();
  const text = await until('the copy', () => page.evaluate(() => navigator.clipboard.readText()));
  assert.equal(text, '2026-11-21T10:00:00Z/2026-11-21T11:30:00Z');
  const mexico = await world.newContext({ timezoneId: 'America/Mexico_City' });
  const other = await mexico.newPage();
  await other.goto(`${world.url}/logs`);
  await world.loginByForm(other);
  await other.waitForSelector('.span-field');
  await other.locator('.clock').click();
  await other.locator('.span-field input').fill(text);
  await other.keyboard.press('Enter');
  await until('the span', () => /from=/.test(other.url()));
  assert.deepEqual(spanOf(other.url()), [
    Date.parse('2026-11-21T10:00:00Z'),
    Date.parse('2026-11-21T11:30:00Z'),
  ]);
  assert.equal(
    await other.locator('.span-field input').inputValue(),
    '2026-11-21T04:00:00-06:00/2026-11-21T05:30:00-06:00',
  );
  await mexico.close();
});

test('timezone-copy-paste: the days on which clocks change have 23 and 25 hours', async () => {
  const eastern = await world.newContext({ timezoneId: 'America/New_York' });
  const other = await eastern.newPage();
  await other.goto(`${world.url}/logs`);
  await world.loginByForm(other);
  await other.waitForSelector('.span-field');
  await other.locator('.clock').click();
  for (const [day, hours] of [
    ['2026-03-08', 23],
    ['2026-11-01', 25],
  ]) {
    await other.locator('.span-field input').fill(day);
    await other.keyboard.press('Enter');
    await until('the day', () => other.url().includes(`from=${day}`));
    const [from, to] = spanOf(other.url());
    assert.equal((to + 1 - from) / 36e5, hours);
  }
  await eastern.close();
});

test('the zone that is chosen is that of clocks, charts and what is typed; a link keeps its own', async () => {
  await go('/explore?q=host_load1&from=2026-11-15T00:00:00Z&to=2026-11-21T00:00:00Z', '.span-field');
  await page.click('button.user');
  await page.locator('#user-menu select[name=zone]').selectOption('Asia/Tokyo');
  await page.keyboard.press('Escape');
  await until('the clock', async () => (await page.textContent('.clock')).includes('GMT+9'));
  assert.equal(
    await page.locator('.span-field input').inputValue(),
    '2026-11-15T09:00:00+09:00/2026-11-21T09:00:00+09:00',
  );
  await page.locator('.span-field input').fill('2026-11-20');
  await page.keyboard.press('Enter');
  await until('a day of Tokyo', () => page.url().includes('from=2026-11-19T15%3A00%3A00'));
  await page.locator('.clock').click();
  await until('UTC', async () => (await page.textContent('.clock')).includes('UTC'));
  await page.locator('.clock').click();
  await until('Tokyo again', async () => (await page.textContent('.clock')).includes('GMT+9'));
  await page.locator('h1').first().click();
  await page.keyboard.press('y');
  await until('a link with its zone', () => new URL(page.url()).searchParams.get('tz') === 'Asia/Tokyo');
  await go('/logs?tz=america/lima', '.span-field');
  assert.match(await page.textContent('.clock'), /GMT-5/);
  await page.click('a[href="/changes"]');
  await page.waitForURL(/changes\?tz=america/);
  await page.click('button.user');
  await page.locator('#user-menu select[name=zone]').selectOption('utc');
  await page.waitForURL((url) => !url.searchParams.has('tz'));
  assert.match(await page.textContent('.clock'), /UTC/);
  await page.keyboard.press('Escape');
});

test(
  'the time axis has the round minutes and the days of the zone',
  { skip: real && 'hours of values' },
  async () => {
    // What a canvas shows cannot be read: the texts are caught on their way there.
    await page.addInitScript(() => {
      window.__drawn = [];
      const draw = CanvasRenderingContext2D.prototype.fillText;
      CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
        window.__drawn.push(String(text));
        return draw.call(this, text, ...place);
      };
    });
    const drawn = () => page.evaluate(() => window.__drawn);
    const shown = async (pattern) => (await drawn()).filter((text) => pattern.test(text));
    await go('/explore?q=host_load1&range=3h&tz=Asia/Kathmandu', '.lines-chart .u-over');
    const hours = await until('hours', () => shown(/^\d\d:\d\d$/).then((all) => all.length > 2 && all));
    const minutes = hours.map((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));
    const step = minutes[1] - minutes[0];
    assert.deepEqual(
      minutes.filter((minute) => minute % step !== 0),
      [],
      'a zone 5 h 45 m east of UTC has its own round minutes',
    );
    await go('/explore?q=host_load1&range=7d', '.lines-chart .u-over');
    await until('days', async () => (await shown(/^\w+ \d+$/)).length > 2);
  },
);

test('a span that is none is said to be none, and the arrows move it', async () => {
  await go('/logs');
  const field = page.locator('.span-field input');
  await field.fill('soon');
  await page.keyboard.press('Enter');
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  await field.fill('90m');
  await page.keyboard.press('Enter');
  await until('the span', () => /from=now-90m&to=now/.test(page.url()));
  await page.getByLabel('Earlier').click();
  await until('absolute', () => /from=2/.test(page.url()));
  const [from, to] = spanOf(page.url());
  assert.ok(Math.abs(to - from - 90 * 60_000) < 2000);
});

/** A range of the PromQL door answered here: `points` a second apart. */
async function stubRange(points, on = page) {
  await on.route('**/query_range?*', (route) => {
    const params = new URL(route.request().url()).searchParams;
    const [start, end] = [Number(params.get('start')), Number(params.get('end'))];
    const step = Math.max(1, (end - start) / points);
    const values = Array.from({ length: points }, (_, i) => [
      start + i * step,
      String(Math.sin(i / 900) + (i % 13) / 20),
    ]);
    return route.fulfill({
      json: {
        status: 'success',
        data: { resultType: 'matrix', result: [{ metric: { __name__: 'm', host: 'a' }, values }] },
      },
    });
  });
}

test('chart-100k-zoom: a drag becomes the span, Back undoes it, the table says what the plot draws', async () => {
  await stubRange(100_000);
  await go('/explore?q=m&range=7d');
  await page.waitForSelector('.lines-chart .u-over');
  const box = await page.locator('.lines-chart .u-over').boundingBox();
  await page.mouse.move(box.x + box.width * 0.25, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.4, box.y + 70, { steps: 4 });
  await page.mouse.move(box.x + box.width * 0.5, box.y + 80, { steps: 4 });
  await page.mouse.up();
  await until('the span', () => /[?&]from=.*&to=/.test(page.url()));
  const [from, to] = spanOf(page.url());
  assert.ok(Math.abs((to - from) / (7 * 864e5) - 0.25) < 0.02, `${(to - from) / 864e5} days`);
  await page.goBack();
  await until('the range', () => /range=7d/.test(page.url()));
  await page.click('.as-table');
  await until('the table', () => page.locator('.values tbody tr').count());
  assert.equal(await page.locator('.values table').getAttribute('aria-rowcount'), '100001');
  const first = await page.locator('.values tbody td').first().innerText();
  assert.equal(Number(first), 0);
  assert.ok((await page.locator('.values tbody tr').count()) < 60);
  await page.unroute('**/query_range?*');
});

test('a finger zooms as a mouse does', async () => {
  const phone = await world.newContext({
    viewport: { width: 390, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  const hand = await phone.newPage();
  await stubRange(600, hand);
  await hand.goto(`${world.url}/explore?q=host_load1&range=24h`);
  await world.loginByForm(hand);
  await hand.waitForSelector('.lines-chart .u-over');
  await hand.locator('.lines-chart .u-over').evaluate((over) => {
    const { left, top, width } = over.getBoundingClientRect();
    const fire = (type, share) =>
      over.dispatchEvent(
        new PointerEvent(type, {
          pointerType: 'touch',
          isPrimary: true,
          clientX: left + width * share,
          clientY: top + 20,
          bubbles: true,
        }),
      );
    fire('pointerdown', 0.2);
    fire('pointermove', 0.5);
    fire('pointerup', 0.7);
  });
  await until('the span', () => /[?&]from=.*&to=/.test(hand.url()));
  const [from, to] = spanOf(hand.url());
  assert.ok(Math.abs((to - from) / 864e5 - 0.5) < 0.05);
  await phone.close();
});

/** Where the mark that says `text` stands, as a share of the width that it is drawn on. */
const markedAt = (text) =>
  until(`the mark of ${text}`, () =>
    page.evaluate((wanted) => {
      const onPlot = [...document.querySelectorAll('.plot-mark')].find((one) => one.title.includes(wanted));
      if (onPlot) return onPlot.offsetLeft / onPlot.parentElement.clientWidth;
      const bars = [...document.querySelectorAll('.histogram .change-mark')].find((one) =>
        one.textContent.includes(wanted),
      );
      return bars && bars.querySelector('line').x1.baseVal.value / bars.ownerSVGElement.viewBox.baseVal.width;
    }, text),
  );

test('change-markers: a deploy and a live migration stand at the same x on metrics, logs and the alert', async () => {
  const minute = 60_000;
  const changes = [
    { type: 'deploy', summary: 'deploy of nova 26.2.2', minutes: 14 },
    { type: 'compute.instance.live_migration', summary: 'instance 4f1c moved', minutes: real ? 9 : 95 },
  ];
  const now = Date.now();
  const before = (minutes) => new Date(now - minutes * minute).toISOString();
  if (real)
    for (const { type, summary, minutes } of changes)
      await world.callAs('POST', '/api/v1/changes', { type, summary, host, time: before(minutes) });
  const length = real ? 30 : 120;
  const span = `from=${before(length)}&to=${before(0)}`;
  const near = (share, minutes, where) =>
    assert.ok(Math.abs(share - (length - minutes) / length) < 0.02, `${where}: ${share}`);
  for (const path of [`/explore?q=host_load1&${span}`, `/logs?${span}`]) {
    await go(path);
    for (const { summary, minutes } of changes) near(await markedAt(summary), minutes, path);
  }
  if (!real) return;
  const raised = await world.raise('probe of marks', { service: 'nova-api', resource: host });
  await go(`/alerts/${raised.id}`);
  await page.locator('.panel.charts').scrollIntoViewIfNeeded();
  for (const { summary, minutes } of changes) near(await markedAt(summary), minutes, 'the alert');
});

test('a question of today is laid beside that of the span before', async () => {
  await go('/explore?q=host_load1&range=15m');
  const names = () => page.locator('.lines-legend tbody th').allInnerTexts();
  const alone = await until('the series', async () => ((await names()).length > 0 ? names() : null));
  await page.locator('select.compare').selectOption('previous');
  await until('the address', () => page.url().includes('compare=previous'));
  if (real) return;
  await until('twice as many', async () => (await names()).length === 2 * alone.length);
  assert.equal((await names()).filter((name) => name.includes('compared="previous"')).length, alone.length);
});

test('keys move the span; one that is switched off does nothing, and what was asked comes back', async () => {
  await go('/explore?q=host_load1&from=2026-11-21T10:00:00Z&to=2026-11-21T11:00:00Z');
  const pressed = async (...keys) => {
    const before = page.url();
    for (const key of keys) await page.keyboard.press(key);
    await until('another span', () => page.url() !== before);
    return spanOf(page.url()).map((ms) => new Date(ms).toISOString().slice(11, 16));
  };
  assert.deepEqual(await pressed('t', 'ArrowLeft'), ['09:00', '10:00']);
  assert.deepEqual(await pressed('t', '-'), ['08:30', '10:30']);
  assert.deepEqual(await pressed('t', '+'), ['09:00', '10:00']);
  await page.keyboard.press('?');
  await page.locator('dialog.help').getByLabel('The span of time before').uncheck();
  await page.keyboard.press('Escape');
  const before = page.url();
  await page.keyboard.press('t');
  await page.keyboard.press('ArrowLeft');
  assert.deepEqual(await pressed('t', 'ArrowRight'), ['10:00', '11:00']);
  await page.goto(before);
  await page.keyboard.press('t');
  await page.keyboard.press('ArrowLeft');
  await page.waitForTimeout(200);
  assert.equal(page.url(), before, 'the choice outlives the page');
  await page.keyboard.press('?');
  await page.locator('dialog.help').getByLabel('The span of time before').check();
  await page.keyboard.press('Escape');

  const box = page.locator('.expression textarea');
  await box.fill('host_load5');
  await box.press('Enter');
  await until('the question', () => page.url().includes('host_load5'));
  await box.press('Control+ArrowUp');
  assert.equal(await box.inputValue(), 'host_load1');
  await box.press('Control+ArrowDown');
  assert.equal(await box.inputValue(), 'host_load5');
});

test('a long address is copied as a short link, which leads to it', async () => {
  const path = `/logs?q=${Array.from({ length: 300 }, (_, i) => `word${i}`).join('%20')}&range=15m`;
  await go(path);
  await page.keyboard.press('y');
  const short = await until('the link', async () => {
    const text = await page.evaluate(() => navigator.clipboard.readText());
    return /\/s\/[\w-]+$/.test(text) && text;
  });
  assert.ok(short.length < 80, short);
  await page.goto(short);
  await until('the long one', () => page.url().includes('word299'));
  assert.ok(page.url().startsWith(`${world.url}/logs?`));
  await page.goto(`${world.url}/s/nonsense`);
  await until('the refusal', async () => /no such short link/.test(await page.locator('#page').innerText()));
});

test('status: ninety days of each service, its incidents, and how much of the time all was well', async () => {
  await go('/status');
  await page.waitForSelector('.uptimes li, .status-page .empty');
  if (real) return;
  assert.ok((await page.locator('.uptimes .days').count()) > 5);
  const rabbit = page.locator('.uptimes li', { hasText: 'rabbitmq' });
  assert.equal(await rabbit.locator('.days rect').count(), 90);
  assert.equal(await rabbit.locator('.days rect.much').count(), 1);
  assert.equal(await rabbit.locator('.days rect.some').count(), 1);
  assert.match(await rabbit.locator('.days').getAttribute('aria-label'), /2 days with trouble/);
  await page.locator('.incidents a').first().click();
  await page.waitForSelector('.alert-head h1');
});

/** Resources of two projects, one with a metric at three granularities of which three measures are missing. */
async function measuredCloud() {
  const make = (path, body) => world.callAs('POST', `/gnocchi/v1/${path}`, body);
  const definition = ['0:01:00', '0:05:00', '1:00:00'].map((granularity) => ({ granularity, points: 600 }));
  await make('archive_policy', { name: 'three', definition, aggregation_methods: ['mean', 'max', 'count'] });
  for (const [index, project] of [PROJECTS[0], PROJECTS[0], PROJECTS[1]].entries())
    await make('resource/generic', {
      id: `4f1c7c1e-3a0b-4c6e-9d55-0b6f2f3a9d1${index}`,
      project_id: project,
      metrics: { 'cpu.util': { archive_policy_name: 'three', unit: 'percent' } },
    });
  const begin = Math.floor(Date.now() / 36e5) * 3600 - 2 * 3600;
  const measures = Array.from({ length: 120 }, (_, i) => ({
    timestamp: new Date((begin + i * 60) * 1000).toISOString(),
    value: i + 0.5,
  })).filter((_, i) => i < 40 || i > 42);
  const one = await world.callAs('GET', `/gnocchi/v1/resource/generic/${INSTANCE}`);
  await make(`metric/${one.metrics['cpu.util']}/measures`, measures);
}

test('resources-tenant: a project’s resources, a metric at three granularities, what is missing', async () => {
  if (real) await measuredCloud();
  await go('/resources');
  const [all, ofOne] = real ? [3, 2] : [24, 12];
  await until('resources', async () => (await page.locator('.grid tbody tr').count()) === all);
  await page.locator('.columns-of-names a', { hasText: PROJECTS[0] }).click();
  await until('those of the project', async () => (await page.locator('.grid tbody tr').count()) === ofOne);
  await go(`/resources/${INSTANCE}`);
  await page.waitForSelector('.measures .lines-chart canvas');
  assert.match(await page.locator('.measure-count').innerText(), /3 are missing/);
  for (const [granularity, each] of [
    ['0:05:00', 300],
    ['1:00:00', 3600],
  ]) {
    const answer = page.waitForResponse((one) => one.url().includes(`granularity=${each}&`));
    await page.locator('.measures .ranges a', { hasText: granularity }).click();
    const measures = await (await answer).json();
    await until('its count', async () =>
      (await page.locator('.measure-count').innerText()).startsWith(`${measures.length} measures`),
    );
    await page.click('.as-table');
    const shown = await until('the table', () => page.locator('.values tbody td').first().innerText());
    assert.equal(Number(shown), measures[0][2]);
    await page.click('.as-table');
    assert.match(await page.locator('.measure-count').innerText(), /none is missing/);
  }
});

test('the status page for everybody: switched on in Settings, read by strangers, without a word of hosts', async () => {
  await go('/settings', '.status-switch');
  await page.fill('.status-switch input[name=title]', 'Our cloud');
  await page.locator('.status-switch button[type=submit]').click();
  const address = await until('its address', () => page.locator('.status-switch code').innerText());
  const strangers = await world.newContext();
  const stranger = await strangers.newPage();
  const asked = [];
  stranger.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await stranger.goto(address);
  await until('its services', () => stranger.locator('.uptimes li, .empty').count());
  assert.equal(await stranger.locator('h1').innerText(), 'Our cloud');
  assert.equal(await stranger.title(), 'Our cloud');
  const calls = asked.filter((path) => !/^\/(assets|public)\/|\.(svg|webmanifest)$/.test(path));
  assert.deepEqual(
    [...new Set(calls)],
    [new URL(address).pathname.replace('/public', '/api/v1/public/status')],
  );
  const text = await stranger.locator('#page').innerText();
  for (const node of (await world.callAs('GET', '/api/v1/overview')).nodes)
    assert.ok(!text.includes(node.host), node.host);
  for (const colorScheme of ['light', 'dark']) {
    await stranger.emulateMedia({ colorScheme });
    assert.deepEqual(await world.axe(stranger), [], colorScheme);
  }
  await stranger.setViewportSize({ width: 320, height: 640 });
  assert.deepEqual(await sideways(stranger), []);
  for (const path of ['overview', 'uptime', 'alerts', 'status-page'])
    assert.equal((await fetch(`${world.url}/api/v1/${path}`)).status, 401, path);
  await page.locator('.status-switch button', { hasText: 'Switch off' }).click();
  await until('it is off', () => page.locator('.status-switch input[name=title]').count());
  await stranger.reload();
  await until('it is gone', async () => /no such page/.test(await stranger.locator('#page').innerText()));
  await strangers.close();
});

test('the story of an instance: its chapters, its gauges, its lines', { skip: real }, async () => {
  await go(`/instances/${INSTANCE}`);
  await until('chapters', async () => (await page.locator('.chapters li').count()) === 3);
  assert.match(await page.locator('.chapters li').nth(1).innerText(), /compute1 → compute2/);
  assert.equal(await page.locator('.chapters .failed').count(), 1);
  await until('its lines', () => page.locator('.steps > li').count());
  await go('/instances/no-such-instance', '.instance-page .empty');
});

test('a view of the alerts is kept and chosen again', async () => {
  await go('/alerts?severity=critical&q=nova');
  await page.locator('.filters .to-board').click();
  await page.locator('dialog input[name=title]').fill('nova on fire');
  await page.locator('dialog button[type=submit]').click();
  await page.waitForURL(/\/boards\//);
  await go('/alerts');
  await page.selectOption('.views-pick select', { label: 'nova on fire' });
  await until('the filters', () => page.url().endsWith('/alerts?q=nova&severity=critical'));
});

test('the sample cloud is loaded with one press, marked on every page, and deleted with one', async () => {
  await go('/');
  await page.locator('.load-sample').click();
  await page.waitForSelector('.sample-bar');
  await until('forty nodes', async () => /40 nodes|nodes 40/.test(await page.locator('#page').innerText()));
  for (const path of [
    '/alerts',
    '/logs',
    '/nodes/sample-ctl-2',
    '/explore?q=host_load1',
    '/changes',
    '/settings',
  ]) {
    await go(path);
    assert.match(await page.locator('.sample-bar').innerText(), /SAMPLE/, path);
    assert.match(await page.title(), /^SAMPLE/, path);
    await page.waitForTimeout(300);
    assert.deepEqual(await world.axe(page), [], path);
  }
  await go('/alerts');
  await until('the broker', async () => /rabbitmq/.test(await page.locator('.alert-table').innerText()));
  await page.click('.fold');
  await until('its symptoms', async () => (await page.locator('.alert-table tbody tr.under').count()) === 13);
  await page.locator('.alert-table a.row-link').first().click();
  await until('evidence', () => page.locator('.evidence .line').count());
  await page.keyboard.press('a');
  await until('what takes it back', () => page.locator('.notice button').count());
  await page.keyboard.press('u');
  await until('open again', () => page.locator('.alert-head .status-open').count());
  await page.locator('.sample-bar button').click();
  await page.waitForSelector('.sample-bar', { state: 'detached' });
  await until('the nodes', async () =>
    (await page.locator('.map tbody th a').allInnerTexts()).join().includes(host || 'compute1'),
  );
});

test('empty-states: each page says which kind of nothing it shows, and what leads out', async () => {
  const longAgo = 'from=2020-01-01T00:00:00Z&to=2020-01-01T01:00:00Z';
  const nobodys = 'req-00000000-0000-4000-8000-000000000000';
  for (const [path, words] of [
    ['/alerts?q=zzz-nothing', /No alert matches these filters/],
    ['/logs?q=zzz-nothing', /No line matches[\s\S]*Clear the filters/],
    ['/explore?q=zzz_no_such_metric', real ? /No series[\s\S]*7 days/ : /unknown metric/],
    ['/services?q=zzz', /Clear the filters/],
    ['/rules?q=zzz', /No rule matches[\s\S]*Clear the filters/],
    ['/nodes?q=zzz', /No node matches[\s\S]*Clear the filters/],
    ['/changes?host=zzz', /Nothing changed[\s\S]*Clear the filters[\s\S]*7 days/],
    ['/logs?q=zzz&view=patterns', /No line matches[\s\S]*Clear the filters/],
    [`/logs?${longAgo}`, /No line matches in this time[\s\S]*7 days/],
    [`/explore?q=host_load1&${longAgo}`, /No series[\s\S]*7 days/],
    [`/backtrace?id=${nobodys}`, /No line with this id[\s\S]*7 days/],
    ['/backtrace', /Give the id/],
    ['/no-such-page', /There is no such page/],
  ]) {
    await page.goto(world.url + path);
    await until(path, async () => words.test(await page.locator('#page').innerText()));
  }
  await page.goto(`${world.url}/changes?host=zzz`);
  await page.getByRole('link', { name: 'Clear the filters' }).click();
  await until('changes', () => page.locator('.changes-page tbody tr').count());
});

test('no policy was violated, nothing failed on the way', () => {
  assert.deepEqual(world.sins, { csp: [], foreign: [], errors: [], dialogs: [] });
});
