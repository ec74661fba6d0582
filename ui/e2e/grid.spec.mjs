// Long lists as grids: one tab stop, the keys that move in them, the focus that stays, and the search that finds rows which
// are not in the page.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { real, until } from './harness.mjs';
import { loginOnce, page, world } from './login.mjs';

loginOnce({ skip: real });

const MANY = 500;
const press = async (...keys) => {
  for (const key of keys) await page.keyboard.press(key);
};
/** The place of the row that has the focus, and what of it has. */
const focused = () =>
  page.evaluate(() => {
    const one = document.activeElement;
    return [Number(one.closest('[data-place]')?.dataset.place ?? NaN), one.className || one.type];
  });
const at = (place, what) =>
  until(`row ${place}`, async () => {
    const [here, there] = await focused();
    return here === place && (what === undefined || there === what);
  });
const stops = (grid) =>
  page
    .locator(`${grid} [data-place] :is(a, button, input)`)
    .evaluateAll((all) => all.filter((one) => one.tabIndex >= 0 && !one.closest('.detail')).length);
const box = () => page.locator('.find input');
const count = () => page.locator('.find output').innerText();
const counts = (text) => until(text, async () => (await count()) === text);

const alerts = async (more = '') => {
  await page.goto(`${world.url}/alerts?q=of%20host-&sort=age${more}`);
  await until('rows', () => page.locator('.alert-table tbody .row-link').count());
};
const lines = async (more = '') => {
  await page.goto(`${world.url}/logs?q=flood&range=3h${more}`);
  await until('lines', () => page.locator('.log-list li .message').count());
};

test(
  'the table of alerts is a grid of one tab stop, and says how many rows it has',
  { skip: real },
  async () => {
    await world.control('crowd', { alerts: MANY });
    await alerts();
    const table = page.getByRole('grid', { name: 'Alerts' });
    await until('the count', async () => (await table.getAttribute('aria-rowcount')) === `${MANY + 1}`);
    assert.equal(await page.locator('thead tr').getAttribute('aria-rowindex'), '1');
    assert.equal(await stops('.alert-table'), 1);
    await page.locator('.alert-table tbody .row-link').first().focus();
    await press('ArrowDown', 'ArrowDown');
    await at(2, 'row-link');
    assert.equal(await stops('.alert-table'), 1);
    await press('Tab');
    assert.equal(await page.locator('.alert-table :focus').count(), 0);
    await press('Shift+Tab');
    await at(2, 'row-link');
  },
);

test('arrows, Home, End and the Page keys move in the table', { skip: real }, async () => {
  await alerts();
  const inView = () =>
    page.evaluate(() => document.activeElement.closest('tr').getBoundingClientRect().bottom <= innerHeight);
  await page.locator('.alert-table tbody .row-link').first().focus();
  // More than are below what stands above the table.
  for (let row = 0; row < 16; row += 1) await press('ArrowDown');
  await at(16, 'row-link');
  assert.ok(await inView(), 'a row that was gone to is seen');
  await press('Home');
  await at(0, 'row-link');
  await page.evaluate(() => scrollTo(0, 0));
  await press('End');
  await at(MANY - 1, 'row-link');
  assert.ok(await inView(), 'the last row is seen');
  await press('PageUp');
  const [up] = await focused();
  assert.ok(up < MANY - 8 && up > MANY - 60, `${up}`);
  await press('PageDown');
  await at(MANY - 1);
  await press('Home');
  await at(0, 'row-link');
  await press('ArrowLeft');
  await at(0, 'checkbox');
  await press('ArrowDown');
  await at(1, 'checkbox');
  await press('Space');
  await page.waitForSelector('.bulk');
  await press('ArrowUp', 'ArrowUp');
  await at(-1);
  await press('ArrowRight', 'ArrowRight');
  assert.match(await page.evaluate(() => document.activeElement.href), /sort=-?text/);
});

test(
  'the focus stays with its row when it is scrolled away, and when rows come',
  { skip: real },
  async () => {
    await alerts();
    await page.locator('.alert-table tbody .row-link').nth(4).focus();
    const id = await page.evaluate(() => document.activeElement.closest('tr').dataset.id);
    await page.mouse.move(600, 500);
    await page.mouse.wheel(0, 6000);
    await until('another part', () => page.locator('[data-place="150"]').count());
    assert.equal(await page.evaluate(() => document.activeElement.role), 'grid');
    await page.mouse.wheel(0, -6000);
    await until(
      'the focus',
      async () => (await page.evaluate(() => document.activeElement.closest('tr')?.dataset.id)) === id,
    );
    await world.control('raise', { text: 'newest of host-1', severity: 'critical' });
    await until('the bar', () => page.locator('.new-rows').count());
    await press('.');
    await until('the new one', () => page.locator('tbody tr', { hasText: 'newest of host-1' }).count());
    assert.equal(await page.evaluate(() => document.activeElement.closest('tr')?.dataset.id), id);
  },
);

const ids = (rows) => page.locator(`${rows}[data-id]`).evaluateAll((all) => all.map((one) => one.dataset.id));
const focusedId = () => page.evaluate(() => document.activeElement.closest('[data-id]')?.dataset.id);
const gridHasFocus = () =>
  until('the grid to have the focus', () => page.evaluate(() => document.activeElement.role === 'grid'));

test('the focus waits for its row when many new rows push it out of the page', { skip: real }, async () => {
  await page.mouse.move(0, 0);
  await page.goto(`${world.url}/alerts?q=of%20&sort=age`);
  await until('rows', () => page.locator('.alert-table tbody .row-link').count());
  await page.locator('.alert-table tbody .row-link').nth(4).focus();
  const next = (await ids('.alert-table tr'))[5];
  await world.control('storm', { from: 0, count: 50 });
  await until('the bar', async () => /50/.test(await page.locator('.new-rows').innerText()));
  await press('.');
  await until('the new ones', () => page.locator('tr[data-place="0"]', { hasText: 'storm of' }).count());
  await gridHasFocus();
  await press('ArrowDown');
  await until('its neighbour', async () => (await focusedId()) === next);
});

test('a range of rows is chosen with Shift, and Ctrl-A is the table’s own', { skip: real }, async () => {
  await alerts();
  const boxes = page.locator('.alert-table tbody input[type=checkbox]');
  const chosen = async () => Number(/\d+/.exec(await page.locator('.bulk strong').innerText())[0]);
  await boxes.nth(1).click();
  await boxes.nth(4).click({ modifiers: ['Shift'] });
  await until('four rows', async () => (await chosen()) === 4);
  await page.locator('.bulk button', { hasText: 'note' }).click();
  await page.locator('dialog[open] input[name=note]').fill('some words');
  await press('Control+a', 'x');
  assert.equal(await page.locator('dialog[open] input[name=note]').inputValue(), 'x');
  assert.equal(await chosen(), 4);
  await press('Escape');
  await boxes.nth(1).focus();
  await press('Control+a');
  await until('all', async () => (await chosen()) > 50);
});

test('m gives nobody an alert that is closed', { skip: real }, async () => {
  const sent = [];
  const note = (request) => request.method() === 'POST' && sent.push(request.url());
  page.on('request', note);
  await page.goto(`${world.url}/alerts?status=closed`);
  await until('rows', () => page.locator('.alert-table tbody .row-link').count());
  await page.locator('.alert-table tbody .row-link').first().focus();
  await press('m', 'Shift+Tab');
  await page.evaluate(() => fetch('/favicon.ico'));
  page.off('request', note);
  assert.deepEqual(
    sent.filter((url) => /actions/.test(url)),
    [],
  );
});

test('the list of lines is a grid too, and an open line keeps its own keys', { skip: real }, async () => {
  await world.control('flood', { lines: 5000 });
  await lines();
  const grid = page.getByRole('grid', { name: 'Lines' });
  await until('the count', async () => Number(await grid.getAttribute('aria-rowcount')) === 5000);
  assert.equal(await stops('.log-list'), 1);
  await page.locator('.log-list .opener').first().focus();
  await press('End');
  await at(4999, 'opener');
  await page.setViewportSize({ width: 1280, height: 440 });
  await page.evaluate(() => scrollTo(0, 0));
  await press('PageUp', 'Home', 'ArrowDown');
  await at(1, 'opener');
  assert.ok(await page.evaluate(() => document.activeElement.getBoundingClientRect().bottom < innerHeight));
  await page.setViewportSize({ width: 1280, height: 800 });
  await press('Enter');
  await page.waitForSelector('.detail .whole');
  await page.locator('.detail .whole').focus();
  await press('ArrowDown');
  await at(1, 'whole');
  await press('j');
  await at(2, 'opener');
  await page.locator('.log-list li[data-place="7"] .message').click();
  await page.waitForSelector('li[data-place="7"].opened');
  assert.equal(await page.locator('.log-list :focus').count(), 0);
});

test(
  'Ctrl-F finds lines that are not in the page, and goes from one to the next',
  { skip: real },
  async () => {
    await lines();
    await page.locator('.log-list .opener').first().focus();
    await press('Control+f');
    assert.ok(await box().evaluate((one) => one === document.activeElement));
    await page.keyboard.type('LINE 47');
    // Of the newest 500 lines, 4999 to 4500, ten and one hundred have it.
    await counts('1 of 100');
    const row = page.locator('.log-list li[data-found]');
    assert.match(await row.innerText(), /flood line 4799/);
    await press('Enter');
    await counts('2 of 100');
    assert.match(await row.innerText(), /flood line 4798/);
    await press('Shift+Enter', 'Shift+Enter');
    await counts('100 of 100');
    assert.match(await row.innerText(), /flood line 4700/);
    assert.ok(await row.isVisible());
    assert.ok(await page.evaluate(() => CSS.highlights.get('found').size > 0));
    await press('Escape');
    await at(299, 'opener');
    assert.equal(await page.locator('.find, [data-found]').count(), 0);
    assert.equal(await page.evaluate(() => CSS.highlights.has('found')), false);
  },
);

test('the focus stays with its line when a hundred come above it', { skip: real }, async () => {
  await lines('&live=1');
  await page.locator('.log-list .opener').nth(3).focus();
  const next = (await ids('.log-list li'))[4];
  for (let i = 0; i < 100; i += 1) await world.control('log', { text: `live line ${i}` });
  await until('the last', () => page.locator('li[data-place="0"]', { hasText: 'live line 99' }).count());
  await gridHasFocus();
  await press('ArrowDown');
  await until('its neighbour', async () => (await focusedId()) === next);
});

test('a line that is on its way does not take the focus from who types', { skip: real }, async () => {
  await lines();
  await page.locator('.log-list .opener').first().focus();
  await world.control('slow', { ms: 1500 });
  await press('End');
  const search = page.locator('input[type=search], .query textarea, .query input').first();
  await search.focus();
  await until('the last line', () => page.locator('li[data-place="4999"] .opener').count());
  await world.control('slow', { ms: 0 });
  assert.ok(await search.evaluate((one) => one === document.activeElement));
});

test('the search finds what comes later, and is not ours where there is no row', { skip: real }, async () => {
  await lines('&live=1');
  await press('Control+f');
  await page.keyboard.type('comes later');
  await counts('0 of 0');
  await world.control('log', { text: '\u001b[31mcomes\u001b[0m later' });
  await counts('1 of 1');
  await page.goto(`${world.url}/logs?q=nosuchwords&range=3h`);
  await until('nothing', () => page.locator('.log-list .empty, .log-list .nothing').count());
  await press('Control+f');
  assert.equal(await page.locator('.find').count(), 0);

  await alerts();
  await page.locator('.alert-table tbody .row-link').first().focus();
  await press('Control+f');
  await page.keyboard.type('no such words');
  await page.mouse.move(600, 500);
  await page.mouse.wheel(0, 6000);
  await until('another part', () => page.locator('[data-place="150"]').count());
  await press('Escape');
  await until('a row', async () => (await focused())[0] > 100);
});

test('what is not among the rows that are here is searched on the server', { skip: real }, async () => {
  await lines();
  await press('Control+f');
  await page.keyboard.type('flood line 77');
  await counts('0 of 0');
  assert.match(await page.locator('.find p').innerText(), /500 rows of 5000/);
  const everywhere = page.locator('.find a', { hasText: 'Search all' });
  const there = new URL(await everywhere.getAttribute('href'), world.url);
  assert.equal(there.searchParams.get('q'), 'flood "flood line 77"');

  await alerts();
  await page.locator('#alert-search').fill('of host');
  await page.waitForURL(/q=of\+host(&|$)|q=of%20host(&|$)/);
  await until('rows', () => page.locator('.alert-table tbody .row-link').count());
  await page.locator('.alert-table tbody .row-link').first().focus();
  await press('Control+f');
  await page.keyboard.type('alert 250 of');
  await counts('0 of 0');
  await everywhere.click();
  await until('its row', () => page.locator('.row-link', { hasText: 'alert 250 of' }).count());
  assert.equal(await page.locator('#alert-search').inputValue(), 'alert 250 of');
  assert.equal(await page.locator('.find').count(), 0);
});

test(
  'Ctrl-F in the alerts; a second one is the browser’s own; Escape gives the focus back',
  { skip: real },
  async () => {
    await alerts();
    await page.locator('.alert-table tbody .row-link').nth(2).focus();
    await press('Control+f');
    await page.keyboard.type('no such words');
    await counts('0 of 0');
    const taken = () =>
      page.evaluate(() => {
        const event = new KeyboardEvent('keydown', {
          key: 'f',
          ctrlKey: true,
          bubbles: true,
          cancelable: true,
        });
        return !document.activeElement.dispatchEvent(event);
      });
    assert.equal(await taken(), false);
    assert.deepEqual(await world.axe(page), []);
    await press('Escape');
    await at(2, 'row-link');
    assert.equal(await taken(), true);
    await page.keyboard.type('host-7');
    await until('some', async () => / of [1-9]/.test(await count()));
    await press('Enter', 'Escape');
    assert.match(await page.evaluate(() => document.activeElement.innerText), /host-7/);
    assert.deepEqual(await world.axe(page), []);
  },
);

test('in Spanish', { skip: real }, async () => {
  await page.evaluate(() => localStorage.setItem('apollo.language', 'es'));
  await lines();
  await press('Control+f');
  await page.keyboard.type('flood');
  await counts('1 de 500');
  assert.equal(await box().getAttribute('aria-label'), 'Buscar en esta lista');
  await page.evaluate(() => localStorage.removeItem('apollo.language'));
});

const place = (selector) =>
  page.locator(selector).evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()));

test('on a wall the lists end with a whole row, however large the screen', { skip: real }, async () => {
  for (const [width, height, least] of [
    [960, 540, 3],
    [1280, 720, 7],
    [1920, 1080, 15],
    [3840, 2160, 35],
  ]) {
    await page.setViewportSize({ width, height });
    await alerts('&kiosk=1');
    await page.waitForSelector('.turns svg');
    await page.waitForSelector('.kiosk-foot');
    const rows = await until('whole rows', async () => {
      const [foot] = await place('.kiosk-foot');
      const all = await place('.alert-table tbody tr');
      return all.length >= least && all.at(-1).bottom <= foot.top + 1 && all;
    });
    assert.ok(rows.length < least * 1.6, `${rows.length} rows at ${width}`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight));
    assert.match(await page.locator('.pager').innerText(), /50\d/);
    await lines('&kiosk=1');
    const [list] = await place('.lines.virtual');
    const [row] = await place('.lines.virtual .row');
    const shown = list.height / row.height;
    assert.ok(Math.abs(shown - Math.round(shown)) < 0.05, `${shown} lines at ${width}`);
    assert.ok(row.top - list.top < 1);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
});

test('the end of the page is its end: scrolling on does not make it longer', { skip: real }, async () => {
  await alerts();
  const end = () =>
    page.evaluate(async () => {
      scrollTo(0, 1e7);
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      return document.documentElement.scrollHeight;
    });
  await end();
  await until('the last row', () => page.locator('tbody .row-link', { hasText: 'of host-' }).count());
  const height = await end();
  for (let i = 0; i < 4; i += 1) assert.equal(await end(), height);
});
