// What people do with Apollo, in a browser, in this order, in one login. Runs against the mock server or, with APOLLO_URL
// set (harness.mjs), against a real one; what only the mock can bring about is skipped there.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { XSS } from './mock_data.mjs';
import { REQUEST } from './mock_logs.mjs';
import { host, mayBreak, open, real, until, user } from './harness.mjs';

const HOSTILE = '<img src=x onerror="window.__xss=1">';
let world;
let context;
let page;
/** Requests for the live stream that stand open. */
let streams;

function openStreams() {
  const open = new Set();
  context.on('request', (request) => {
    if (request.url().includes('/api/v1/stream?')) open.add(request);
  });
  for (const end of ['requestfinished', 'requestfailed']) context.on(end, (request) => open.delete(request));
  return open;
}

before(async () => {
  world = await open();
  context = await world.newContext();
  streams = openStreams();
  page = await context.newPage();
});
after(() => world?.close());

const textOf = (selector) => page.locator(selector).allInnerTexts();

test('login-ok-bad-locked: a wrong password and an unknown name get the same words', async () => {
  const strangers = await world.newContext();
  const stranger = await strangers.newPage();
  await stranger.goto(`${world.url}/login`);
  const words = [];
  for (const name of [user ?? 'admin', 'nobody-of-that-name']) {
    await world.loginByForm(stranger, name, 'wrong wrong wrong');
    words.push(await until('an error', () => stranger.locator('.login .error').innerText()));
    await stranger.reload();
  }
  assert.equal(words[0], words[1]);
  assert.match(words[0], /wrong/);
  await strangers.close();
});

test('a one-time link, or name and password, leads to the overview and leaves no secret in the address', async () => {
  if (world.link) await page.goto(`${world.url}/login#${world.link}`);
  else {
    await page.goto(`${world.url}/login`);
    await world.loginByForm(page);
  }
  await page.waitForSelector('.verdict h1');
  assert.equal(page.url(), `${world.url}/`);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  assert.equal(kept, '[{},{}]');
});

test('a link works once', { skip: real && !world?.link }, async () => {
  const strangers = await world.newContext();
  const stranger = await strangers.newPage();
  await stranger.goto(`${world.url}/login#${world.link || 'used'}`);
  assert.match(
    await until('an error', () => stranger.locator('.login .error').innerText()),
    /used or has expired/,
  );
  await strangers.close();
});

test('the overview shows each host with gauges that move', async () => {
  await page.goto(world.url);
  await page.waitForSelector('.map tbody tr');
  const hosts = (await textOf('.map tbody th a')).map((name) => name.trim());
  assert.ok(hosts.length > 0);
  if (host) assert.ok(hosts.includes(host), `${host} is not among ${hosts}`);
  await until('a gauge', () => page.locator('.map .gauge .spark canvas').count());
  const read = async () => (await textOf('.map .gauge .value')).join(' ');
  const first = await read();
  await until('a gauge that moves', async () => (await read()) !== first, 40);
});

test('an alert that is raised appears in the list without a reload', { skip: !mayBreak }, async () => {
  await page.goto(`${world.url}/alerts`);
  await page.waitForSelector('.alerts h1');
  await until('the live stream', () => page.locator('.live[data-state=live]').count());
  await page.evaluate(() => {
    window.__same = true;
  });
  await until('the list', () => page.locator('.alert-table tbody tr, .alerts .empty').count());
  const before = new Set(
    await page.locator('.alert-table tbody tr').evaluateAll((rows) => rows.map((row) => row.dataset.id)),
  );
  const text = await world.breakSomething();
  const fresh = await until(
    'the new alert',
    async () => {
      const ids = await page
        .locator('.alert-table tbody tr')
        .evaluateAll((rows) => rows.map((row) => row.dataset.id));
      return ids.find((id) => !before.has(id));
    },
    30,
  );
  if (text) assert.match(await page.locator(`tr[data-id="${fresh}"]`).innerText(), new RegExp(text));
  assert.equal(await page.evaluate(() => window.__same), true);
  await until('the count in the title', async () => /^\(\d+\) Apollo/.test(await page.title()));
});

test(
  'an alert page shows the log lines, the gauges, the playbook and the timeline',
  { skip: !mayBreak },
  async () => {
    await page.goto(`${world.url}/alerts?severity=critical&sort=age`);
    await page.locator('.alert-table tbody a.row-link').first().click();
    await page.waitForSelector('.alert-head h1');
    await until('evidence', () => page.locator('.evidence .line').count());
    await until('a chart', () => page.locator('.charts canvas').count());
    assert.ok((await textOf('.timeline li')).length > 0);
    assert.ok((await page.locator('.markdown').innerText()).length > 20);
  },
);

test(
  'evidence-survives-rotation: lines that the log no longer has are shown, and said to be kept',
  { skip: real },
  async () => {
    await page.goto(`${world.url}/alerts/a-0001`);
    await until('the lines', () => page.locator('.evidence .line').count());
    assert.match(
      await until('the mark', () => page.locator('.evidence .kept').innerText()),
      /no longer has them/,
    );
  },
);

test('a traceback unfolds', { skip: real }, async () => {
  await page.goto(`${world.url}/alerts/a-0001`);
  const fold = page.locator('.evidence details').first();
  assert.equal(await fold.locator('pre').isVisible(), false);
  await fold.locator('summary').click();
  assert.match(await fold.locator('pre').innerText(), /MessagingTimeout/);
});

test(
  'ack-undo: an alert is acknowledged with a, taken back with u, noted and kept in its history',
  { skip: !mayBreak },
  async () => {
    if (real) {
      await page.goto(`${world.url}/alerts?status=open&sort=age`);
      await page.locator('.alert-table tbody a.row-link').first().click();
    }
    await page.waitForSelector('.alert-head .tag.status-open');
    await page.locator('#page').focus();
    await page.keyboard.press('a');
    await page.waitForSelector('.alert-head .tag.status-ack');
    await page.keyboard.press('u');
    await page.waitForSelector('.alert-head .tag.status-open');
    await page.fill('form.note input', `looked at it ${HOSTILE}`);
    await page.click('form.note button');
    await until('the note', async () =>
      (await textOf('.timeline')).join().includes(`looked at it ${HOSTILE}`),
    );
  },
);

test('an expression is drawn, one line a series, and its address can be sent', async () => {
  await page.goto(`${world.url}/explore`);
  await page.locator('.expression textarea').fill('host_load1');
  await page.keyboard.press('Enter');
  await until('the legend', () => page.locator('.lines-legend tbody tr').count());
  await until('the plot', () => page.locator('.lines-chart canvas').count());
  assert.match(page.url(), /\/explore\?q=host_load1$/);
  await page.locator('.lines-legend tbody button').first().click();
  assert.equal(await page.locator('.lines-legend button[aria-pressed=true]').count(), 1);
  await page.reload();
  await until('the legend again', () => page.locator('.lines-legend tbody tr').count());
});

test('a mistake in an expression is said with its place', async () => {
  await page.goto(`${world.url}/explore?q=${encodeURIComponent('sum(')}`);
  assert.match(await until('the error', () => page.locator('.failure').innerText()), /parse error/);
});

test('logs are searched by words and fields, and the address of a search can be sent', async () => {
  await page.goto(`${world.url}/logs`);
  await until('lines', () => page.locator('.log-list .line').count());
  await until('bars', () => page.locator('.histogram .bar').count());
  await page.locator('.facet a').first().click();
  await until('the term in the address', () => /[?&]q=severity%3A/.test(page.url()));
  await until('the chosen value', () => page.locator('.facet a[aria-current]').count());
  await page.keyboard.press('/');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('zzz-no-such-word');
  await page.keyboard.press('Enter');
  await until('nothing found', () => page.locator('.log-list .empty').count());
  assert.match(page.url(), /\/logs\?q=zzz-no-such-word$/);
});

test('bars of the histogram are pressed, dragged over or chosen by keys, and become the span', async () => {
  await page.goto(`${world.url}/logs`);
  const svg = page.locator('.histogram svg');
  await svg.focus();
  await page.keyboard.press('End');
  assert.match(await svg.getAttribute('aria-valuetext'), /^\d\d:\d\d:\d\d: \d+ lines?, /);
  await page.keyboard.press('Enter');
  await until('the span in the address', () => /[?&]from=.*&to=/.test(page.url()));
  assert.match(await page.locator('.span-field input').inputValue(), /Z\/.*Z$/);
  await page.goBack();
  const spanned = async () => {
    await until('the span in the address', () => /[?&]from=.*&to=/.test(page.url()));
    const { searchParams } = new URL(page.url());
    return Date.parse(searchParams.get('to')) - Date.parse(searchParams.get('from')) + 1;
  };
  await svg.click({ position: { x: 40, y: 40 } });
  const one = await spanned();
  await page.goBack();
  await until('the whole', () => !/[?&]from=/.test(page.url()));
  await svg.scrollIntoViewIfNeeded();
  const { x, y, width } = await svg.boundingBox();
  await page.mouse.move(x + width * 0.75, y + 40);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.5, y + 45, { steps: 4 });
  await page.mouse.move(x + width * 0.25, y + 50, { steps: 4 });
  assert.equal(await svg.locator('.dragged').count(), 1);
  await page.mouse.up();
  const bars = (await spanned()) / one;
  assert.ok(bars >= 29 && bars <= 33, `${bars} of 60 bars`);
});

test(
  'log-context: older lines follow as one scrolls, and a line has its surroundings',
  { skip: real },
  async () => {
    await page.goto(`${world.url}/logs`);
    await until('lines', () => page.locator('.log-list .line .message').count());
    const shown = async () => Number(/(\d+) lines/.exec((await textOf('.log-list .aside'))[0])[1]);
    assert.ok((await shown()) > 600);
    assert.ok((await page.locator('.log-list li').count()) <= 80);
    await page.locator('.log-list .opener').first().focus();
    await page.keyboard.press('End');
    const last = await shown();
    await until('the last line', () => page.locator(`li[data-place="${last - 1}"] .message`).count());
    await page.locator(`li[data-place="${last - 2}"] .row`).click();
    await until('the line, open', () => page.locator('.detail').count());
    await page.keyboard.press('c');
    assert.equal(await until('this line', () => page.locator('.detail .this').count()), 1);
    assert.ok((await page.locator('.detail .lines .line').count()) > 20);
  },
);

test('live shows what comes, and pausing it holds the page still', { skip: real }, async () => {
  await page.goto(`${world.url}/logs`);
  await page.click('.live-toggle');
  assert.match(page.url(), /\/logs\?live=1$/);
  await world.control('log', { text: 'came while live' });
  await until('the line', async () => (await textOf('.log-list .message'))[0] === 'came while live');
  await page.click('.live-toggle');
  await world.control('log', { text: 'came while paused' });
  await page.waitForTimeout(2500);
  assert.equal((await textOf('.log-list .message'))[0], 'came while live');
  await page.click('.live-toggle');
  await until('the later line', async () => (await textOf('.log-list .message'))[0] === 'came while paused');
});

test('patterns: a stage makes a table, and patterns are one press away', { skip: real }, async () => {
  await page.goto(`${world.url}/logs?q=${encodeURIComponent('| count by service')}`);
  await until('the table', () => page.locator('.log-table tbody tr').count());
  assert.match((await textOf('.log-table tbody tr'))[0], /nova-compute\s+\d+/);
  await page.locator('.log-table tbody a').first().click();
  await until('its lines', () => page.locator('.log-list .line').count());
  await page.locator('.views a', { hasText: 'Patterns' }).click();
  await until('patterns', () => page.locator('.log-table tbody tr').count());
  const row = page.locator('.log-table tbody tr').first();
  assert.match(await row.locator('svg.trend').getAttribute('aria-label'), /3 steps, at most \d+ in one/);
  assert.match(await row.locator('.pattern-change').innerText(), /more/);
  assert.match(await page.locator('.left').innerText(), /7 rarer patterns are not shown/);
});

test('logs that are not read, or not whole, are told with what mends it', { skip: real }, async () => {
  await page.goto(`${world.url}/logs`);
  const troubles = page.locator('.log-troubles');
  await until('both', async () => /2 logs are not read/.test(await troubles.locator('summary').innerText()));
  await troubles.locator('summary').click();
  const told = await troubles.innerText();
  assert.match(told, /usermod -aG neutron sentinella/);
  assert.match(told, /nova-api \/var\/log\/nova\/nova-api\.log: \d+ lines were left out/);
});

test('a search that finds nothing says what there is instead', { skip: real }, async () => {
  await page.goto(`${world.url}/logs?q=zzz-nothing`);
  await until('why', async () =>
    /other lines came in this time/.test(await page.locator('.log-list').innerText()),
  );
});

test('the lines found are saved as a file', { skip: real }, async () => {
  await page.goto(`${world.url}/logs?q=claim`);
  await until('lines', () => page.locator('.log-list .line').count());
  const [download] = await Promise.all([page.waitForEvent('download'), page.selectOption('.save', 'raw')]);
  assert.equal(download.suggestedFilename(), 'logs.txt');
  const notice = (words) =>
    until('the notice', async () => words.test(await page.locator('.notice').innerText()));
  await notice(/1 line is saved/);
  await page.selectOption('.save', 'csv');
  await notice(/Only 100000 of 1234567 lines/);
});

test('a mistake in a search is said', { skip: real }, async () => {
  await page.goto(`${world.url}/logs?q=${encodeURIComponent('"half')}`);
  assert.match(await until('the error', () => page.locator('.failure').first().innerText()), /quote/);
});

test(
  'follow-request: a request is followed from a line across the services to its first error',
  { skip: real },
  async () => {
    await page.goto(`${world.url}/logs?q=${encodeURIComponent('"calling method"')}`);
    await page.locator('.log-list .row').first().click();
    await page.locator('.log-list a.request').click();
    await until('the story', () => page.locator('.steps > li').count());
    assert.match(page.url(), /\/backtrace\?id=req-.*&from=.*&to=/);
    assert.equal(await page.locator('.lanes li').count(), 5);
    const first = page.locator('.steps > li.first');
    assert.match(await first.innerText(), /\+5\.3 s[\s\S]*driver\.py:7718[\s\S]*first error/);
    assert.equal(await first.locator('pre').isVisible(), false);
    await first.locator('summary').click();
    assert.match(await first.locator('pre').innerText(), /VirtualInterfaceCreateException/);
    assert.equal(await page.locator('.steps .changed').count(), 1);
  },
);

test('the evidence of an alert leads to the story of its request', { skip: real }, async () => {
  await page.goto(`${world.url}/alerts/a-0001`);
  await page.locator('.evidence a.request').first().click();
  await page.waitForSelector('.backtrace h1');
  assert.match(page.url(), new RegExp(`id=${REQUEST}`));
});

test('an alert without a request leads to what its service and its needs said', { skip: real }, async () => {
  await page.goto(`${world.url}/alerts/a-0002`);
  await page.locator('.evidence .story-link').click();
  assert.match(await until('why', () => page.locator('.story-start').innerText()), /names no request/);
  const lanes = await page.locator('.lanes').innerText();
  assert.match(lanes, /its service[\s\S]*passes messages through it/);
  assert.match(await page.locator('.steps .changed').innerText(), /same host/);
  assert.match(await page.locator('.story').innerText(), /More was changed than is shown/);
});

test('the keyboard leads from page to page and along the rows', async () => {
  await page.goto(world.url);
  await page.waitForSelector('.verdict');
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await page.waitForSelector('.alerts h1');
  assert.equal(new URL(page.url()).pathname, '/alerts');
  await page.keyboard.press('?');
  await page.waitForSelector('dialog.help[open]');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog.help', { state: 'detached' });
  if (await page.locator('.alert-table tbody tr').count()) {
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.alert-head h1');
    await page.keyboard.press('Escape');
    await page.waitForSelector('.alerts h1');
  }
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await page.waitForSelector('.logs h1');
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.waitForSelector('.verdict');
});

test('filters are in the address and survive in a copied link', { skip: real }, async () => {
  await page.goto(`${world.url}/alerts`);
  await page.locator('.chip', { hasText: 'minor' }).click();
  await page.locator('.chip', { hasText: 'major' }).click();
  await page.fill('#alert-search', 'neutron');
  await until('the filters in the address', () =>
    page.url().endsWith('/alerts?q=neutron&severity=major&severity=minor'),
  );
  await page.goto(page.url());
  await until('one row', async () => (await page.locator('.alert-table tbody tr').count()) === 1);
  assert.match((await textOf('.alert-table tbody tr'))[0], /neutron-server/);
});

test('xss-log-message, xss-alert-text: hostile text in logs, alerts and changes is shown as text', async () => {
  const target = real ? host || (await firstHost()) : 'compute1';
  await world.plantHostileText(target);
  for (const path of [
    '/',
    '/alerts',
    '/explore?q=host_load1',
    '/logs',
    '/logs?view=patterns',
    `/logs?q=${encodeURIComponent(XSS)}`,
    `/backtrace?id=${encodeURIComponent(XSS)}`,
    `/backtrace?id=${REQUEST}`,
    `/nodes/${target}`,
    `/alerts?q=${encodeURIComponent(XSS)}`,
    ...(real ? [] : ['/alerts/a-0001']),
  ]) {
    await page.goto(world.url + path);
    await page.waitForSelector('.page');
    await page.waitForTimeout(600);
  }
  await page.goto(`${world.url}/nodes/${target}`);
  await until('the hostile line as text', async () =>
    (await textOf('.evidence .lines')).join().includes(HOSTILE),
  );
  assert.ok((await textOf('.evidence .esc')).some((text) => text.includes('\\u202e')));
  assert.equal(await page.evaluate(() => window.__xss), undefined);
  assert.equal(await page.locator('main img').count(), 0);
});

async function firstHost() {
  await page.goto(world.url);
  return (await page.locator('.map tbody th a').first().innerText()).trim();
}

test('a reload and a new tab keep the login', async () => {
  await page.goto(`${world.url}/alerts`);
  await page.reload();
  await page.waitForSelector('.alerts h1');
  const other = await context.newPage();
  await other.goto(world.url);
  await other.waitForSelector('.verdict');
  await other.close();
});

/** The server notices with its next heartbeat, each 15 s, that somebody has gone. */
const oneStream = () =>
  until(
    'one stream',
    async () => (real ? await world.selfMetric('sentinella_live_streams') : streams.size) === 1,
    40,
  );

test('two-tabs-one-stream: five tabs share one stream and another tab takes over', async () => {
  await page.goto(world.url);
  await page.waitForSelector('.live[data-state=live]');
  const tabs = [];
  for (let i = 0; i < 4; i += 1) tabs.push(await context.newPage());
  for (const tab of tabs) {
    await tab.goto(world.url);
    await tab.waitForSelector('.live[data-state=live]');
  }
  await oneStream();
  await page.goto('about:blank');
  await until('a new leader', () => [...streams].some((one) => tabs.includes(one.frame().page())));
  await world.raise('seen by the tab that follows');
  for (const tab of tabs)
    await until('the alert', async () =>
      (await tab.locator('.wrong').innerText()).includes('seen by the tab that follows'),
    );
  await oneStream();
  for (const tab of tabs) await tab.close();
});

test('an expired token is renewed once, without a word', { skip: real }, async () => {
  await page.goto(world.url);
  await page.waitForSelector('.verdict');
  const before = (await world.control('counts')).refresh;
  await world.control('expire');
  await page.click('.rail a[href="/alerts"]');
  await page.waitForSelector('.alert-table tbody tr');
  assert.equal((await world.control('counts')).refresh, before + 1);
  assert.equal(await page.locator('dialog[open]').count(), 0);
});

test(
  'expired-refresh-keeps-page: a lost login is taken up again over the page, which keeps its text and its request',
  { skip: real },
  async () => {
    // The last of what the page asks by itself: what follows is the note's own request.
    const settled = page.waitForResponse(/libvirt_domains/);
    await page.goto(`${world.url}/alerts/a-0002`);
    await settled;
    await page.fill('form.note input', 'half a thought');
    await world.control('forget');
    await page.click('form.note button');
    await page.waitForSelector('dialog.login-dialog[open]');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('dialog.login-dialog[open]').count(), 1);
    await world.loginByForm(page);
    await until('the note', async () => (await textOf('.timeline')).join().includes('half a thought'));
    assert.equal(await page.locator('dialog[open]').count(), 0);
  },
);

test('server-gone: values that stop coming are greyed with their age', { skip: real }, async () => {
  await world.control('silence');
  await page.goto(world.url);
  await until('old gauges', () => page.locator('.map .gauge.old').count());
  assert.match((await textOf('.map .gauge.old .value'))[0], /\d+ (s|m) old/);
  await world.control('speak');
  await until('fresh gauges', async () => (await page.locator('.map .gauge.old').count()) === 0);
});

test('a restart of the server is said and the stream comes back', { skip: real }, async () => {
  await page.waitForSelector('.live[data-state=live]');
  await world.control('restart');
  await page.waitForSelector('.live[data-state=reconnecting]');
  await page.waitForSelector('.live[data-state=live]');
  assert.match(await page.locator('.live').innerText(), /server restarted \d\d:\d\d:\d\d/);
});

test('one language is fetched; the other when it is chosen', async () => {
  const spanish = await world.newContext({ locale: 'es-MX' });
  const other = await spanish.newPage();
  const asked = [];
  other.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await other.goto(`${world.url}/login`);
  assert.match(await other.locator('h1').innerText(), /Entrar en Apollo/);
  assert.equal(await other.getAttribute('html', 'lang'), 'es');
  await world.loginByForm(other);
  await other.waitForSelector('.verdict');
  await other.click('.rail a[href="/silences"]');
  await until('the page', async () => (await other.locator('.page h1').innerText()) === 'Silencios');
  assert.deepEqual(
    asked.filter((path) => /\/(pages_)?en-/.test(path)),
    [],
  );
  await other.click('button.user');
  await other.locator('#user-menu select', { hasText: 'English' }).selectOption('en');
  await until('English', async () => (await other.locator('.page h1').innerText()) === 'Silences');
  assert.equal(await other.getAttribute('html', 'lang'), 'en');
  await other.reload();
  await until('English', async () => (await other.locator('.page h1').innerText()) === 'Silences');
  await spanish.close();
});

test('logout-all-tabs: logging out closes every tab, and the way back', async () => {
  await page.goto(`${world.url}/logs`);
  await page.goto(world.url);
  const other = await context.newPage();
  await other.goto(`${world.url}/alerts`);
  await other.waitForSelector('.alerts h1');
  await page.waitForSelector('.verdict');
  await page.click('.user');
  await page.locator('.menu button', { hasText: 'Log out' }).click();
  await page.waitForSelector('form.login');
  await other.waitForSelector('form.login');
  await page.goBack();
  assert.equal(new URL(page.url()).pathname, '/logs');
  await page.waitForSelector('form.login');
  await other.close();
});

test('a page that the browser kept is not shown again before its login is known to last', async () => {
  await world.loginByForm(page);
  const menu = page.locator('button.user');
  await menu.waitFor();
  const turn = (type) =>
    page.evaluate((name) => window.dispatchEvent(new PageTransitionEvent(name, { persisted: true })), type);
  await page.setViewportSize({ width: 1280, height: 300 });
  await page.waitForSelector('.span-field');
  await page.evaluate(() => window.scrollTo(0, 60));
  await turn('pagehide');
  assert.equal(await menu.isVisible(), false);
  await turn('pageshow');
  await menu.waitFor();
  assert.equal(await page.evaluate(() => window.scrollY), 60, 'it is where it was left');
  await page.setViewportSize({ width: 1280, height: 800 });
  await turn('pagehide');
  await world.endLogins();
  await turn('pageshow');
  await page.waitForSelector('form.login');
});

test('the watch for violations is awake', async () => {
  const before = world.sins.csp.length;
  const strangers = await world.newContext();
  const stranger = await strangers.newPage();
  await stranger.goto(`${world.url}/login`);
  await stranger.evaluate(() => {
    const script = document.createElement('script');
    try {
      script.textContent = 'window.__xss = 1';
    } catch {
      return;
    }
    document.body.append(script);
  });
  await until('a violation', () => world.sins.csp.length > before);
  assert.equal(await stranger.evaluate(() => window.__xss), undefined);
  world.sins.csp.length = before;
  await strangers.close();
});

test('no policy was violated, no other origin was asked, nothing failed on the way', () => {
  assert.deepEqual(world.sins, { csp: [], foreign: [], errors: [], dialogs: [] });
});
