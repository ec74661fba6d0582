// Scenarios over data that they themselves bring to a real server: a hundred thousand points, the lines of one file among
// others, a week of two rules, a notice on a phone. APOLLO_CONTROL gives the messages (tests/e2e/test_ui.py).
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { XSS } from './mock_data.mjs';
import { ask, mayAsk, sideways, until } from './harness.mjs';
import { api, go, loginOnce, page, texts, world } from './login.mjs';

const skip = !mayAsk;
const stamp = Date.now().toString(36);

loginOnce({ skip });

async function write(lines, precision) {
  const answer = await fetch(`${world.url}/influxdb/write?precision=${precision}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${process.env.APOLLO_API_KEY}` },
    body: lines.join('\n'),
  });
  assert.equal(answer.status, 204, await answer.text());
}

/** The rows of the table at some places of it are those of the API's answer, and there are as many. */
async function tableIs(answer) {
  const { result } = answer.data;
  const times = result[0].values.map(([at]) => at);
  const table = page.locator('.values table');
  await until(
    'as many rows',
    async () => (await table.getAttribute('aria-rowcount')) === `${times.length + 1}`,
  );
  for (const place of [0, 0.31, 0.77, 1]) {
    await page
      .locator('.values')
      .evaluate((one, share) => (one.scrollTop = (one.scrollHeight - one.clientHeight) * share), place);
    const middle = Math.round(place * (times.length - 1));
    const near = (rows) => rows.some(([index]) => Math.abs(index - middle) < 40) && rows;
    const rows = await until(`rows at ${place}`, async () =>
      near(
        await page
          .locator('.values tbody tr')
          .evaluateAll((all) =>
            all.map((row) => [
              Number(row.getAttribute('aria-rowindex')) - 2,
              [...row.cells].map((cell) => cell.textContent),
            ]),
          ),
      ),
    );
    assert.ok(rows.length < 60);
    for (const [index, cells] of rows)
      assert.deepEqual(cells, [
        new Date(times[index] * 1000).toISOString(),
        ...result.map(({ values }) => String(Number(values[index][1]))),
      ]);
  }
}

test(
  'chart-100k-zoom: a hundred thousand points are drawn and zoomed into; the table is what the API gave',
  { skip },
  async () => {
    const [hosts, seconds] = [10, 10_200];
    const begin = Math.floor((Date.now() / 1000 - seconds - 600) / 17) * 17;
    for (let host = 0; host < hosts; host += 1)
      await write(
        Array.from(
          { length: seconds + 1 },
          (_, i) => `wide_${stamp},host=h${host} level=${((i * 7919) % 977) / 8 + host} ${begin + i}`,
        ),
        's',
      );
    // The page asks for a point a pixel; here it gets one a second, from the same server.
    await page.route('**/query_range?*', (route) => {
      const url = new URL(route.request().url());
      url.searchParams.set('step', '1');
      return route.continue({ url: url.href });
    });
    const answered = () =>
      page.waitForResponse((one) => one.url().includes('/query_range') && one.ok()).then((one) => one.json());
    const iso = (at) => new Date(at * 1000).toISOString();
    const first = answered();
    await go(
      `/explore?q=wide_${stamp}_level&from=${iso(begin)}&to=${iso(begin + seconds)}`,
      '.lines-chart .u-over',
    );
    const whole = await first;
    const points = whole.data.result.reduce((sum, { values }) => sum + values.length, 0);
    assert.ok(points >= 100_000, `${points} points`);
    const inked = () =>
      page.locator('.lines-chart .plot canvas').evaluate((canvas) => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        const colours = new Set();
        for (let i = 0; i < data.length; i += 4)
          if (data[i + 3] === 255) colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
        return colours.size;
      });
    await until('the lines', async () => (await inked()) >= 8);
    await page.click('.as-table');
    await tableIs(whole);

    await page.click('.as-table');
    const over = page.locator('.lines-chart .u-over');
    await until('the lines again', async () => (await inked()) >= 8);
    await over.scrollIntoViewIfNeeded();
    const box = await over.boundingBox();
    const second = answered();
    await page.mouse.move(box.x + box.width * 0.25, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.4, box.y + 70, { steps: 4 });
    await page.mouse.move(box.x + box.width * 0.5, box.y + 80, { steps: 4 });
    await page.mouse.up();
    await until(
      'the span',
      () => !page.url().includes(encodeURIComponent(iso(begin))) && !page.url().includes(iso(begin)),
    );
    const part = await second;
    const [from, to] = ['from', 'to'].map(
      (end) => Date.parse(new URL(page.url()).searchParams.get(end)) / 1000,
    );
    for (const [end, share] of [
      [from, 0.25],
      [to, 0.5],
    ])
      assert.ok(Math.abs((end - begin) / seconds - share) < 0.01, `${(end - begin) / seconds}`);
    const times = part.data.result[0].values.map(([at]) => at);
    assert.ok(
      times[0] <= from && times.at(-1) >= to && times.length < whole.data.result[0].values.length / 3,
    );
    await page.click('.as-table');
    await tableIs(part);
    await page.unroute('**/query_range?*');
    await page.goBack();
    await until('the whole again', () => new URL(page.url()).searchParams.get('from') === iso(begin));
  },
);

test(
  'log-context: fifty lines before and after, of the same node and file, and the line itself marked',
  { skip },
  async () => {
    const at = Date.now() - 60_000;
    const say = (what, of) =>
      world.sendLines(
        Array.from({ length: 130 }, (_, i) => ['INFO', `${what} ${stamp} line ${i}`]),
        { at, service: 'context-probe', ...of },
      );
    const file = (name) => ({ 'log.file.path': `/var/log/probe/${name}.log` });
    await say('mine', { host: 'h-one', attributes: file('a') });
    await say('another file', { host: 'h-one', attributes: file('b') });
    await say('another node', { host: 'h-two', attributes: file('a') });
    await go(`/logs?q=${encodeURIComponent(`"mine ${stamp} line 65"`)}`);
    await page.locator('.log-list .row').first().click();
    await page.waitForSelector('.log-list .detail');
    await page.keyboard.press('c');
    const lines = page.locator('.detail .lines .line');
    await until('the lines', async () => (await lines.count()) > 1);
    const shown = await texts('.detail .lines .line .message');
    assert.deepEqual(
      shown.map((text) => text.trim()),
      Array.from({ length: 101 }, (_, i) => `mine ${stamp} line ${15 + i}`),
    );
    const marked = await lines.evaluateAll((all) =>
      all.flatMap((line, index) => (line.querySelector('.this') ? [index] : [])),
    );
    assert.deepEqual(marked, [50]);
    assert.match(await page.locator('.detail').innerText(), /h-one \/var\/log\/probe\/a\.log/);
    // In the middle of what is seen, not somewhere below it.
    const [list, anchor] = [page.locator('.detail .lines'), lines.nth(50)];
    const [around, own] = [await list.boundingBox(), await anchor.boundingBox()];
    assert.ok(
      own.y >= around.y && own.y + own.height <= around.y + around.height,
      JSON.stringify([around, own]),
    );
  },
);

test(
  'husbandry-score: of two rules whose week is known, the score, its reasons, the sums and the findings',
  { skip },
  async () => {
    const team = `team-${stamp}`;
    const rule = (id) =>
      [
        `id: ${id}-${stamp}`,
        'kind: gauge',
        'tier: ticket',
        `event: ${id}${stamp}`,
        'summary: the level is high',
        `expr: last(${id}_${stamp}_level)`,
        'levels:',
        '  warning: {set: "> 80", clear: "< 20"}',
        `owner: ${team}`,
        'impact: it is loud',
        'playbook: look at it',
        '',
      ].join('\n');
    const level = (id, host, value, at = Date.now()) =>
      write([`${id}_${stamp},host=${host} level=${value} ${at}`], 'ms');
    const standing = (id, status) =>
      until(
        `${id} ${status}`,
        async () => (await api('GET', `alerts?rule=${id}-${stamp}&status=${status}`)).items[0],
        60,
      );
    for (const id of ['busy', 'deaf']) await api('POST', 'rules', { yaml: rule(id) });
    // Four times within seconds, twice hardly over, on a host that looks like a test's; somebody acts on two of them.
    for (const [value, acted] of [
      [81, true],
      [99, true],
      [81, false],
      [99, false],
    ]) {
      await level('busy', 'lab-1', value);
      const { id } = await standing('busy', 'open');
      if (acted) await api('POST', `alerts/${id}/actions`, { action: 'ack', text: 'mine' });
      await level('busy', 'lab-1', 10);
      await standing('busy', 'closed');
    }
    // Once, for as long as nobody looks.
    await level('deaf', 'mill', 95);
    await standing('deaf', 'open');

    await go('/rules/husbandry', '.findings :is(.grid, .empty)');
    const panel = page.locator('.panel', { has: page.locator('h2', { hasText: team }) });
    await panel.waitFor();
    const rows = await panel
      .locator('tbody tr')
      .evaluateAll((all) =>
        all.map((row) => [...row.cells].map((cell) => cell.innerText.trim().replace(/\s+/g, ' '))),
      );
    assert.deepEqual(rows, [
      [
        ...[`busy-${stamp}`, '4', '2', '0', '0 min'],
        '40 −35 nobody acted, −15 over within two minutes, −5 barely over the threshold, −5 hosts that look like tests',
      ],
      [`deaf-${stamp}`, '1', '0', '0', '0 min', '30 −70 nobody acted'],
    ]);
    assert.match(await panel.locator('.facts').innerText(), /5[\s\S]*40 %/);
    const found = (
      await page.locator('.findings tbody tr').evaluateAll((all) => all.map((row) => row.innerText))
    )
      .filter((text) => text.includes(stamp))
      .map((text) => text.replace(/\s+/g, ' ').trim());
    assert.deepEqual(found, [
      `warning busy-${stamp} 2 of 4 were within 2 % of the threshold Wait for 5m`,
      `warning busy-${stamp} 4 of 4 were over within two minutes Wait for 5m`,
    ]);
    for (const id of ['busy', 'deaf']) await api('DELETE', `rules/${id}-${stamp}`);
  },
);

test(
  'xss-alert-text: in the text, node, label, note, comment, error and address of an alert markup is text',
  { skip },
  async () => {
    const image = '<img src=x onerror="window.__xss=1">';
    const hostile = `${image} ${stamp}`;
    const node = `<svg onload="window.__xss=1">${stamp}`;
    const at = encodeURIComponent;
    await world.sendLines([['ERROR', XSS]], { host: node, service: hostile });
    const { id } = await world.raise(`${hostile} ${XSS}`, {
      ...{ resource: node, service: hostile, event: `Hostile ${hostile}` },
    });
    await api('POST', `alerts/${id}/actions`, { action: 'note', text: XSS });
    const endsAt = new Date(Date.now() + 36e5).toISOString();
    await world.callAs('POST', '/alertmanager/api/v2/alerts', [
      {
        labels: { alertname: `Labels${stamp}`, host: node, team: hostile },
        annotations: { summary: XSS },
        endsAt,
      },
    ]);
    const tag = hostile.replace(/[ ,=]/g, '\\$&');
    await write([`hostile_${stamp},host=h,team=${tag} level=1 ${Date.now()}`], 'ms');
    await api('POST', 'silences', {
      matchers: [{ name: 'host', value: `${node} nobody` }],
      ...{ reason: hostile, duration: '1h' },
    });
    // Whoever is to be told answers with markup.
    const rude = createServer((_, response) => response.writeHead(500).end(hostile)).unref();
    await new Promise((done) => rude.listen(0, '127.0.0.1', done));
    const { port } = rude.address();
    await api('POST', 'channels', {
      ...{ name: hostile, kind: 'webhook', min_tier: 'info', enabled: true },
      settings: { url: `http://127.0.0.1:${port}/${at(hostile)}` },
    });

    const harmless = async (where) => {
      assert.equal(await page.evaluate(() => window.__xss), undefined, where);
      const made = 'img, svg[onload], a[href^="javascript:" i], #page script';
      assert.equal(await page.locator(made).count(), 0, where);
    };
    const says = async (path, text, selector = '#page') => {
      await go(path, '#page');
      await until(`${path}: ${text}`, async () => (await texts(selector)).join().includes(text));
      await harmless(path);
    };
    await says('/', node);
    await says('/alerts', hostile);
    await says(`/alerts/${id}`, hostile, '.alert-head h1');
    await says(`/alerts/${id}`, image, '.timeline');
    await says(`/alerts?q=Labels${stamp}`, image);
    await page.locator('.alert-table a.row-link').first().click();
    await page.waitForSelector('.alert-head h1');
    await page.waitForTimeout(500);
    await harmless('an alert with labels');
    await says('/nodes', node);
    await says(`/nodes/${at(node)}`, node);
    await says(`/services/${at(hostile)}`, hostile, '#page h1');
    await says('/logs', image);
    await says(`/explore?q=hostile_${stamp}_level`, '<img src=x onerror=', '.lines-legend');
    await says('/silences', hostile);
    await says('/channels', hostile);
    const row = page.locator('.grid tbody tr', { hasText: stamp });
    await row.locator('button', { hasText: 'Test' }).click();
    await until('the error', async () => (await row.locator('.test-result').innerText()).includes(hostile));
    await harmless('the error of a channel');
    await page.keyboard.press('Control+k');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.type('<svg');
    await until('it', async () => (await page.locator('dialog[open]').innerText()).includes(node));
    await harmless('the palette');
    for (const path of ['alerts', 'logs', 'explore', 'rules', 'services', 'nodes', 'changes', 'backtrace']) {
      const name = path === 'backtrace' ? 'id' : 'q';
      await go(`/${path}?${name}=${at(XSS)}`, '#page h1');
      await page.waitForTimeout(300);
      await harmless(path);
    }
    for (const path of ['alerts', 'rules', 'services', 'nodes']) {
      await go(`/${path}?q=${at(hostile)}`, '#page h1');
      assert.equal(await page.locator('#page input[type=search]').first().inputValue(), hostile, path);
    }
    rude.close();
    for (const one of (await api('GET', 'channels')).items)
      if (one.name === hostile) await api('DELETE', `channels/${one.id}`);
  },
);

test(
  'mobile-ack-375px: on a phone from a notice to the alert, acknowledged, its logs, another range, by touch alone',
  { skip },
  async () => {
    const service = `phone-${stamp}`;
    await ask('webhook');
    await world.sendLines([['ERROR', `it broke ${stamp}`]], { service, host: 'h-phone' });
    await world.raise(`${service} is broken`, { service, resource: 'h-phone', event: `Phone${stamp}` });
    const link = await until(
      'the notice',
      async () => (await ask('message', { text: service })).alert_url,
      60,
    );
    const phone = await world.newContext({
      viewport: { width: 375, height: 740 },
      hasTouch: true,
      isMobile: true,
    });
    const hand = await phone.newPage();
    const fits = async (what) => assert.deepEqual(await sideways(hand), [], what);
    /** A finger is wide. */
    const tap = async (target) => {
      const { width, height } = await target.boundingBox();
      assert.ok(height >= 44 && width >= 24, `${await target.innerText()}: ${width} x ${height}`);
      await target.tap();
    };
    await hand.goto(world.url + new URL(link).pathname + new URL(link).search);
    await world.loginByForm(hand);
    await hand.waitForSelector('.alert-head .tag.status-open');
    await fits('the alert');
    await tap(hand.locator('.actions button', { hasText: 'Acknowledge' }));
    await hand.waitForSelector('.alert-head .tag.status-ack');

    await tap(hand.locator('.evidence .logs-link'));
    await until('its lines', async () =>
      (await hand.locator('.log-list .message').allInnerTexts()).includes(`it broke ${stamp}`),
    );
    await fits('its logs');
    await tap(hand.locator('.ranges a', { hasText: '24h' }));
    await until('the range', () => /range=24h/.test(hand.url()));
    const bars = hand.locator('.histogram svg');
    await until('the bars', () => bars.locator('rect').count());
    const box = await bars.boundingBox();
    await hand.touchscreen.tap(box.x + box.width - 2, box.y + box.height / 2);
    await until('the span of the bar', () => /[?&]from=.*&to=/.test(hand.url()));
    await until('still its lines', async () =>
      (await hand.locator('.log-list .message').allInnerTexts()).includes(`it broke ${stamp}`),
    );
    await phone.close();
  },
);

test('no policy was violated, nothing failed on the way', { skip }, () => {
  assert.deepEqual(world.sins, { csp: [], foreign: [], errors: [], dialogs: [] });
});
