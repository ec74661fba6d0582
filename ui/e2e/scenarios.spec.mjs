// Scenarios that need a real server and somebody who lets services speak: APOLLO_CONTROL is the address of that somebody
// (tests/e2e/test_ui.py). The server's access tokens live for five seconds, so that every
// scenario here is one of silent refresh too.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { ask, mayAsk, open, until } from './harness.mjs';

const skip = !mayAsk;
const stamp = Date.now().toString(36);
let world;
let context;
let page;

async function api(method, path, body) {
  const answer = await fetch(world.url + path, {
    method,
    headers: { authorization: `Bearer ${process.env.APOLLO_API_KEY}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}
async function post(path, body) {
  const headers = { authorization: `Bearer ${process.env.APOLLO_API_KEY}` };
  const answer = await fetch(world.url + path, { method: 'POST', headers, body });
  assert.ok(answer.ok, `POST ${path}: ${answer.status}`);
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
  page = await context.newPage();
});
after(() => world?.close());

test('the login link leads to the host and its lines', { skip }, async () => {
  await page.goto(process.env.APOLLO_LINK);
  await page.waitForSelector('.map tbody tr');
  await go('/logs');
  await until('a line', () => page.locator('.log-list .line').count());
});

test('silent-refresh: fifteen seconds of use outlive three tokens without a word', { skip }, async () => {
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
      '/changes?lane=services&range=24h',
      '/explore?q=host_load1&range=15m',
      '/services?q=nova',
      '/nodes?q=con',
      '/boards',
      '/silences',
      '/channels',
      '/status',
      '/resources',
      '/rules/husbandry',
      '/settings/audit?range=7d',
      '/nodes/controller?tab=vitals',
    ];
    const strangers = await world.newContext();
    const other = await strangers.newPage();
    await other.goto(world.url + paths[0]);
    await world.loginByForm(other);
    for (const path of paths) {
      await go(path);
      await other.goto(world.url + path);
      await other.waitForSelector('.page h1');
      const rows = ':is(.alert-table, .grid) :is(thead th, tbody th, tbody a.row-link)';
      await until('the same rows', async () => {
        const [mine, theirs] = [await texts(rows), await texts(rows, other)];
        return JSON.stringify(mine) === JSON.stringify(theirs) && page.url() === other.url();
      });
    }
    const handOver = async () => {
      const address = page.url();
      await other.goto(address);
      return address;
    };
    await go('/logs?q=severity%3E%3Dinfo&range=24h');
    await page.locator('.log-list .row').nth(2).click();
    const whole = await page.locator('.opened .detail .whole').first().innerText();
    await handOver();
    await until('the open line', async () => (await texts('.opened .detail .whole', other))[0] === whole);
    await page.keyboard.press('/');
    await page.keyboard.type('nothing-is-called-so ');
    await page.keyboard.press('Enter');
    await until('no open line', () => !page.url().includes('line='));
    await other.goto(`${other.url().replace(/q=[^&]*/, 'q=nothing-is-called-so')}`);
    await until('the line beside', async () => (await texts('.linked .detail .whole', other))[0] === whole);
    await go('/explore?q=host_load1&range=15m');
    const names = await until('the series', async () => texts('.lines-legend tbody th'));
    await page.locator('.lines-legend tbody th button').first().click();
    assert.match(await handOver(), /only=/);
    await until('the one series', () => other.locator('.lines-legend button[aria-pressed=true]').count());
    assert.deepEqual(await texts('.lines-legend tbody th', other), names);
    await strangers.close();
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
  'live-tail-pause: of 2,000 lines a second each is shown or counted; after a pause none is missing',
  { skip },
  async () => {
    const begin = Date.now() - 60_000;
    let sent = 0;
    const burst = async (seconds) => {
      for (const end = sent + seconds * 2000; sent < end; sent += 200) {
        const pause = new Promise((resolve) => setTimeout(resolve, 100));
        const lines = Array.from({ length: 200 }, (_, i) => ['INFO', `burst ${stamp} number ${sent + i}`]);
        await world.sendLines(lines, { service: 'burst-probe', at: begin + sent });
        await pause;
      }
    };
    const numbers = async () =>
      (await texts('.log-list .virtual .message')).map((one) => Number(/number (\d+)/.exec(one)?.[1]));
    const said = async (words) =>
      Number(words.exec(await page.locator('.log-list .aside').innerText())?.[1].replace(/\D/g, '') ?? 0);
    const shown = () => said(/([\d.,\u202f]+) lines/);
    const dropped = () => said(/([\d.,\u202f]+) more w/);

    await go(`/logs?q=${encodeURIComponent(`"burst ${stamp}"`)}&live=1`, '.live-toggle');
    await page.waitForTimeout(1500);
    await burst(3);
    await until('all shown or counted', async () => (await shown()) + (await dropped()) === sent);
    assert.ok((await dropped()) > 0);
    await page.click('.live-toggle');
    const held = await numbers();
    await burst(1);
    assert.deepEqual(await numbers(), held);
    await page.click('.live-toggle');
    await until('the newest', async () => (await numbers())[0] === sent - 1);
    await until('the count', async () => (await shown()) === sent);
    assert.equal(await dropped(), 0);
    for (const place of [0, 0.02, 0.05, 0.5, 1]) {
      await page
        .locator('.lines.virtual')
        .evaluate((list, at) => (list.scrollTop = (list.scrollHeight - list.clientHeight) * at), place);
      const there = await until(`lines at ${place}`, async () => {
        const all = await numbers();
        return all.length > 10 && all.every(Number.isInteger) && all;
      });
      assert.ok(
        there.every((one, i) => i === 0 || one === there[i - 1] - 1),
        `at ${place}: ${there}`,
      );
    }
  },
);

test('rule-backtest: the firings that are previewed are those that the engine raised', { skip }, async () => {
  const rule = (id) =>
    [
      `id: ${id}`,
      'kind: gauge',
      `event: Saw${stamp}`,
      'summary: the saw is high',
      `expr: last(saw_${stamp}_level)`,
      'levels:',
      '  warning: {set: "> 80", clear: "< 20"}',
      'owner: me',
      'impact: it is loud',
      'playbook: look at it',
      '',
    ].join('\n');
  await api('POST', '/api/v1/rules', { yaml: rule(`saw-${stamp}`) });
  const begin = Date.now() - 60_000;
  const swings = [50, 85, 95, 60, 10, 30, 90, 99, 50, 10, 81, 19];
  for (const [step, level] of swings.entries())
    await post(
      `/influxdb/write?precision=ms`,
      `saw_${stamp},host=mill level=${level} ${begin + step * 1000}`,
    );
  const raised = await until('three ends', async () => {
    const [found] = (await api('GET', `/api/v1/alerts?q=Saw${stamp}&status=closed`)).items;
    if (!found) return null;
    const { history } = (await api('GET', `/api/v1/alerts/${found.id}`)).alert;
    const seconds = (from, to) => Math.round((Date.parse(to.time) - Date.parse(from.time)) / 1000);
    const lengths = history.flatMap((one, i) =>
      one.status === 'closed' ? [`${seconds(history[i - 1], one)}s`] : [],
    );
    return lengths.length === 3 && lengths;
  });
  await go('/rules/new', '.rule-editor textarea');
  await page.locator('.rule-editor textarea').fill(rule(`saw-${stamp}-again`));
  await page.locator('.run-backtest').click();
  await until('the past', () => page.locator('.backtest-result tbody tr').count());
  const previewed = await texts('.backtest-result tbody tr td:nth-child(2)');
  assert.deepEqual(
    previewed.map((one) => one.replace(/\s/g, '')),
    raised,
  );
  assert.equal(await page.locator('.backtest-result .figures b').first().innerText(), '3');
});

test('no-external-requests: nothing else was asked, no policy violated, nothing failed', { skip }, () => {
  assert.deepEqual(world.sins, { csp: [], foreign: [], errors: [], dialogs: [] });
});
