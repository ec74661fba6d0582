// Scenarios that need a real server and somebody who stops it, starts agents and lets services speak: APOLLO_CONTROL is
// the address of that somebody (tests/e2e/test_ui.py). The server's access tokens live for five seconds, so that every
// scenario here is one of silent refresh too.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { host, open, real, until } from './harness.mjs';

const control = process.env.APOLLO_CONTROL;
const skip = !real || !control;
const stamp = Date.now().toString(36);
let world;
let context;
let page;
let streams = 0;

const ask = async (what, params = {}) => {
  const answer = await fetch(`${control}/${what}?${new URLSearchParams(params)}`, { method: 'POST' });
  assert.ok(answer.ok, `${what}: ${answer.status}`);
};
async function api(method, path, body) {
  const answer = await fetch(world.url + path, {
    method,
    headers: { authorization: `Bearer ${process.env.APOLLO_API_KEY}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}
const go = async (path, selector = '.page h1') => {
  await page.goto(world.url + path);
  await page.waitForSelector(selector);
};
const texts = (selector, where = page) => where.locator(selector).allInnerTexts();

before(async () => {
  if (skip) return;
  world = await open();
  context = await world.newContext();
  context.on('request', (request) => {
    if (request.url().includes('/api/v1/stream')) streams += 1;
  });
  page = await context.newPage();
});
after(() => world?.close());

test(
  'first-run-30s: a link leads to this host, a moving chart and a log line within 30 s',
  { skip },
  async () => {
    const start = Date.now();
    await page.goto(process.env.APOLLO_LINK);
    await page.waitForSelector('.map tbody tr');
    await until('a gauge', () => page.locator('.map .gauge .spark canvas').count());
    await go('/logs');
    await until('a line', () => page.locator('.log-list .line').count());
    assert.ok(Date.now() - start < 30_000);
  },
);

test('silent-refresh: fifteen seconds of use outlive three tokens without a word', { skip }, async () => {
  const refused = [];
  page.on('requestfailed', (request) => refused.push(request.url()));
  let refreshes = 0;
  const count = (response) => {
    if (response.url().endsWith('/auth/refresh') && response.ok()) refreshes += 1;
  };
  page.on('response', count);
  await go('/');
  for (const path of ['/alerts', '/rules', '/nodes', '/changes', '/silences']) {
    await page.click(`.rail a[href="${path}"]`);
    await page.waitForSelector('.page h1');
    await page.waitForTimeout(3000);
    assert.equal(await page.locator('dialog[open], .failure').count(), 0, path);
  }
  page.off('response', count);
  assert.ok(refreshes >= 2, `${refreshes} refreshes`);
});

test('expired-refresh-keeps-page: a lost login is taken up again over what was typed', { skip }, async () => {
  await go('/silences?new=1', 'dialog.form-dialog[open]');
  await page.fill('input[name=reason]', 'half a thought');
  await page.evaluate(async () => {
    const answer = await fetch('/api/v1/auth/refresh', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    const { access_token } = await answer.json();
    await fetch('/api/v1/sessions', {
      method: 'DELETE',
      headers: { authorization: `Bearer ${access_token}` },
    });
  });
  await page.waitForSelector('dialog.login-dialog[open]', { timeout: 20_000 });
  await world.loginByForm(page);
  await until('the page', async () => (await page.locator('dialog.login-dialog').count()) === 0);
  assert.equal(await page.locator('input[name=reason]').inputValue(), 'half a thought');
  assert.match(page.url(), /\/silences\?new=1$/);
});

test('server-restart-while-open: the badge says so and comes back, without a reload', { skip }, async () => {
  await go('/alerts');
  await page.waitForSelector('.live[data-state=live]');
  await page.evaluate(() => {
    window.__same = true;
  });
  const restarted = ask('restart');
  await page.waitForSelector('.live[data-state=reconnecting]');
  await restarted;
  await page.waitForSelector('.live[data-state=live]', { timeout: 40_000 });
  await until('the mark', async () => /server restarted/.test(await page.locator('.live').innerText()));
  assert.equal(await page.evaluate(() => window.__same), true);
});

test('ten-k-alerts: many are listed, filtered, selected and acknowledged at once', { skip }, async () => {
  const many = Number(process.env.SENTINELLA_LONG ? 10_000 : 300);
  const now = new Date().toISOString();
  const end = new Date(Date.now() + 36e5).toISOString();
  for (let at = 0; at < many; at += 500)
    await api(
      'POST',
      '/alertmanager/api/v2/alerts',
      Array.from({ length: Math.min(500, many - at) }, (_, i) => ({
        labels: { alertname: `Many${stamp}`, instance: `vm-${at + i}`, severity: 'warning' },
        annotations: { summary: `many ${stamp} ${at + i}` },
        startsAt: now,
        endsAt: end,
      })),
    );
  await go('/alerts');
  await page.fill('#alert-search', `many ${stamp}`);
  await until('the count', async () =>
    new RegExp(`of ${many}`).test(await page.locator('.pager').innerText()),
  );
  await page.locator('th.c-choose input').check();
  await page.locator('.bulk button', { hasText: `Select all ${many}` }).click();
  await page.locator('.bulk button', { hasText: 'Acknowledge' }).click();
  await until(
    'all of them',
    async () => (await api('GET', `/api/v1/alerts?status=ack&q=many%20${stamp}&page_size=1`)).total === many,
    120,
  );
});

test('dedup-and-fold: repeats are one row, symptoms stand under their cause', { skip }, async () => {
  const post = (service, resource, event = 'ServiceDown') =>
    api('POST', '/alerta/alert', {
      resource,
      event,
      environment: 'Production',
      service: [service],
      severity: 'critical',
      text: `${service} ${stamp} is down`,
    });
  for (let i = 0; i < 14; i += 1) await post('mariadb', `db-${stamp}`);
  for (let i = 0; i < 3; i += 1) await post('nova-conductor', `ctl-${i}-${stamp}`);
  await go(`/alerts?q=${stamp}%20is`);
  await until('one row', async () => (await page.locator('.alert-table tbody tr').count()) === 1);
  assert.match((await texts('.alert-table tbody tr'))[0], /×14/);
  await page.click('.fold');
  await until('its symptoms', async () => (await page.locator('.alert-table tbody tr.under').count()) === 3);
  await page.locator('.alert-table a.row-link').first().click();
  await until('the blast radius', async () =>
    /3 alerts follow from it/.test(await page.locator('.around-alert').innerText()),
  );
});

test(
  'deep-link-roundtrip: a copied address shows the same to somebody who logs in anew',
  { skip },
  async () => {
    const paths = [
      `/alerts?q=${stamp}&severity=critical&sort=-text`,
      '/rules?kind=binary&q=nova',
      '/logs?q=severity%3E%3Dinfo&range=24h',
      '/changes?lane=people&range=24h',
      '/explore?q=host_load1&range=15m',
    ];
    const strangers = await world.newContext();
    const other = await strangers.newPage();
    await other.goto(world.url + paths[0]);
    await world.loginByForm(other);
    for (const path of paths) {
      await go(path);
      await other.goto(world.url + path);
      await other.waitForSelector('.page h1');
      const rows = ':is(.alert-table, .grid) tbody :is(th, a.row-link)';
      await until('the same rows', async () => {
        const [mine, theirs] = [await texts(rows), await texts(rows, other)];
        return JSON.stringify(mine) === JSON.stringify(theirs) && page.url() === other.url();
      });
    }
    await strangers.close();
  },
);

test(
  'timezone: one press switches between UTC and the local zone, which is always named',
  { skip },
  async () => {
    const far = await world.newContext({ timezoneId: 'America/Mexico_City' });
    const other = await far.newPage();
    await other.goto(`${world.url}/settings/sessions`);
    await world.loginByForm(other);
    await other.waitForSelector('.grid tbody time.at');
    const utc = await other.locator('.grid tbody time.at').first().innerText();
    assert.match(await other.locator('.clock').innerText(), /UTC$/);
    await other.click('.clock');
    assert.match(await other.locator('.clock').innerText(), /GMT-6$/);
    await other.reload();
    await other.waitForSelector('.grid tbody time.at');
    const local = await other.locator('.grid tbody time.at').first().innerText();
    const hour = (text) => Number(/(\d\d):\d\d:\d\d/.exec(text)[1]);
    assert.equal((hour(local) + 6) % 24, hour(utc));
    await far.close();
  },
);

test('live-tail-pause: what comes is seen as it comes; paused, the page stands still', { skip }, async () => {
  const messages = () => texts('.log-list .message');
  await go('/logs?live=1', '.live-toggle');
  await page.waitForTimeout(1500);
  await ask('say', { level: 'WARNING', text: `came live ${stamp}` });
  await until('the line', async () => (await messages()).some((one) => one.includes(`came live ${stamp}`)));
  await page.click('.live-toggle');
  await ask('say', { level: 'WARNING', text: `came late ${stamp}` });
  await page.waitForTimeout(2500);
  assert.ok(!(await messages()).some((one) => one.includes(`came late ${stamp}`)));
  await page.click('.live-toggle');
  await until('the line', async () => (await messages()).some((one) => one.includes(`came late ${stamp}`)));
});

test(
  'log-context: the lines around one are of the same host and file, and it is marked',
  { skip },
  async () => {
    await go(`/logs?q=${encodeURIComponent(`"came late ${stamp}"`)}`);
    await page.locator('.around summary').first().click();
    assert.equal(await until('this line', () => page.locator('.around .this').count()), 1);
    assert.ok((await page.locator('.around .line').count()) > 3);
  },
);

test('giant-line: five million characters are cut in the list and do not stop it', { skip }, async () => {
  await ask('say', { level: 'ERROR', text: `giant ${stamp} ${'x'.repeat(2_000)}`, times: 2_500 });
  await go(`/logs?q=giant%20${stamp}`);
  await until('the line', () => page.locator('.log-list .line').count(), 40);
  const start = Date.now();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  assert.ok(Date.now() - start < 1000);
  assert.ok((await page.locator('.log-list .line').first().innerText()).length < 30_000);
});

test('follow-request: one id across services, in order of time', { skip }, async () => {
  const id = `req-${crypto.randomUUID()}`;
  const text = (value) => ({ stringValue: value });
  const at = Date.now();
  await api('POST', '/otlp/v1/logs', {
    resourceLogs: ['nova-api', 'nova-conductor', 'nova-compute', 'neutron-server'].map((service, i) => ({
      resource: {
        attributes: [
          { key: 'host.name', value: text(host) },
          { key: 'service.name', value: text(service) },
        ],
      },
      scopeLogs: [
        {
          logRecords: [
            {
              timeUnixNano: `${at + i}000000`,
              body: text(
                `${new Date(at + i).toISOString().slice(0, 23).replace('T', ' ')} 7 ${i === 2 ? 'ERROR' : 'INFO'} ${service}.manager [None ${id} u p - - - -] step ${i} ${stamp}`,
              ),
            },
          ],
        },
      ],
    })),
  });
  // Durable is not yet readable.
  await until(
    'the lines',
    async () => (await api('GET', `/api/v1/logs/backtrace?id=${id}`)).records.length === 4,
  );
  await go(`/backtrace?id=${id}`);
  const steps = async () => (await texts('.steps > li')).filter((one) => one.includes(stamp));
  await until('the story', async () => (await steps()).length === 4);
  assert.equal(await page.locator('.lanes li').count(), 4);
  assert.match((await steps())[0], /step 0/);
  assert.match((await texts('.steps > li.first'))[0], /step 2/);
});

test('add-node-live: the page sees the agent connect and says what was found there', { skip }, async () => {
  await go('/nodes/add');
  await page.locator('button', { hasText: 'Make the command' }).click();
  const command = await until('the command', () => page.locator('.enrol code').innerText());
  await ask('agent', { key: /--account-key (\S+)/.exec(command)[1], node: `second-${stamp}` });
  const watch = page.locator('.enrol-watch');
  await until(
    'the agent',
    async () => new RegExp(`second-${stamp} connected at`).test(await watch.innerText()),
    30,
  );
  await until('its services', async () => /service found: .*glance-api/.test(await watch.innerText()), 30);
});

test('enrol-token-reuse-expired: a token that was used is refused in words', { skip }, async () => {
  const command = await page.locator('.enrol code').innerText();
  const answer = await fetch(`${world.url}/api/v1/agents/enrol`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ secret: /--account-key (\S+)/.exec(command)[1], host: 'third', machine_id: 'm3' }),
  });
  assert.equal(answer.status, 401);
  assert.match((await answer.json()).error.message, /token|secret|key/);
});

test('two-tabs-one-stream: three tabs read one stream, and another takes over', { skip }, async () => {
  await go('/');
  await page.waitForSelector('.live[data-state=live]');
  const before = streams;
  const tabs = [await context.newPage(), await context.newPage()];
  for (const tab of tabs) {
    await tab.goto(world.url);
    await tab.waitForSelector('.live[data-state=live]');
  }
  assert.equal(streams, before);
  await page.goto('about:blank');
  await until('another reader', () => streams === before + 1);
  for (const tab of tabs) await tab.close();
});

test('mobile-ack-375px: on a phone an alert is opened, acknowledged, its logs read', { skip }, async () => {
  const phone = await world.newContext({
    viewport: { width: 375, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  const hand = await phone.newPage();
  await hand.goto(`${world.url}/alerts?q=${stamp}%20is&severity=critical`);
  await world.loginByForm(hand);
  await hand.locator('.alert-table a.row-link').first().tap();
  await hand.waitForSelector('.alert-head .tag.status-open');
  await hand.locator('.actions button', { hasText: 'Acknowledge' }).tap();
  await hand.waitForSelector('.alert-head .tag.status-ack');
  await hand.locator('.rail a[href="/logs"]').tap();
  await until('lines', () => hand.locator('.log-list .line').count());
  await hand.locator('.ranges a', { hasText: '24h' }).tap();
  await until('the range', () => /range=24h/.test(hand.url()));
  const size = await hand.locator('.ranges a').first().boundingBox();
  assert.ok(size.height >= 44);
  await phone.close();
});

test('no-external-requests: nothing else was asked, no policy violated, nothing failed', { skip }, () => {
  assert.deepEqual(world.sins, { csp: [], foreign: [], errors: [], dialogs: [] });
});
