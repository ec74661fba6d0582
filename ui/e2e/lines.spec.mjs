// What log lines may hold, and how many there may be.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { ask, mayAsk, real, until } from './harness.mjs';
import { loginOnce, page, world } from './login.mjs';
import { COLOURED } from './mock_logs.mjs';

const skip = real && !mayAsk;

loginOnce({ permissions: ['clipboard-read', 'clipboard-write'] });

const search = async (q, more = '') => {
  await page.goto(`${world.url}/logs?q=${encodeURIComponent(q)}${more}`);
  await until('a line', () => page.locator('.log-list li .message').count());
};

test('ansi-and-control: colours are styles, other control characters are seen, the copy is the raw line', async () => {
  if (real) await world.sendLines([['ERROR', COLOURED]], { service: 'ansi-probe' });
  await until('the line', async () => {
    await search('red');
    return page.locator('.log-list .ansi-2').count();
  });
  const message = page.locator('.log-list .message', { has: page.locator('.ansi-2') }).first();
  assert.equal(await message.locator('.ansi-2').innerText(), 'green');
  assert.equal(await message.locator('.ansi-1.ansi-bold').innerText(), 'ERROR');
  assert.deepEqual(await message.locator('.esc').allInnerTexts(), ['\\x00', '\\x1b']);
  await message.click();
  await page.locator('.copy-raw').click();
  const copied = await until('the copy', () => page.evaluate(() => navigator.clipboard.readText()));
  assert.ok(copied.includes('\u001b[32mgreen'), JSON.stringify(copied));
});

test('giant-line-20MB: the list stays quick, the line is cut and its whole comes on demand', async () => {
  const bytes = real ? 900_000 : 20_000_000;
  if (real) await world.sendLines([['ERROR', `giant ${'x'.repeat(bytes)} end`]], { service: 'giant-probe' });
  else await world.control('giant', { bytes });
  await until('the line', async () => {
    await search('giant');
    return page.locator('.log-list .message', { hasText: 'giant xxx' }).count();
  });
  await page.locator('.log-list .row').first().click();
  await page.waitForSelector('.detail');
  await page.locator('.lines.virtual').evaluate((list) => list.scrollBy(0, 200));
  assert.ok((await page.locator('.detail .whole').innerText()).length < 11_000);
  await page.locator('.detail button', { hasText: 'Load the whole line' }).click();
  await page.locator('.detail .whole button', { hasText: 'show all' }).click();
  await until('its end', async () => (await page.locator('.detail .whole').innerText()).endsWith(' end'));
});

test('million-lines-scroll: End reaches the last line, few rows are in the page', { skip }, async () => {
  const many = Number(process.env.APOLLO_LINES ?? (real ? 50_000 : 1_000_000));
  await (real ? ask('flood', { lines: many }) : world.control('flood', { lines: many }));
  await until('the count', async () => {
    await search('flood', '&range=3h');
    const text = await page.locator('.log-list .aside').innerText();
    return /([\d ,.]+) lines/.exec(text)?.[1].replace(/\D/g, '') === String(many);
  });
  const rows = () => page.locator('.log-list .virtual > li').count();
  assert.ok((await rows()) <= 80, `${await rows()} rows`);
  await page.locator('.log-list .opener').first().focus();
  await page.keyboard.press('End');
  await until('the last line', () => page.getByText('flood line 0', { exact: true }).count());
  assert.ok((await rows()) <= 80, `${await rows()} rows`);
  await page.keyboard.press('Home');
  await until('the first line', () => page.getByText(`flood line ${many - 1}`, { exact: true }).count());
  await page.evaluate(() => {
    const list = document.querySelector('.lines.virtual');
    list.scrollTop = (list.scrollHeight - list.clientHeight) / 2;
  });
  const middle = await until('the middle', async () => {
    const text = await page.locator('.log-list .virtual .message').first().innerText();
    const at = Number(/flood line (\d+)/.exec(text)?.[1]);
    return Math.abs(at / many - 0.5) < 0.02 && at;
  });
  const before = await page.locator('.log-list .virtual .message').allInnerTexts();
  const numbers = before.map((text) => Number(/\d+/.exec(text)));
  assert.ok(
    numbers.every((one, i) => i === 0 || one === numbers[i - 1] - 1),
    `from ${middle}: ${numbers}`,
  );
});

test(
  'log-search-cancel: a search that takes long is cancelled, the server is told, and the part is said to be one',
  { skip },
  async () => {
    const word = real ? 'failed' : 'claim';
    await search(word);
    const gone = page.waitForEvent('requestfailed', (request) => request.url().includes('/logs/search'));
    const before = real ? 0 : (await world.control('counts')).left;
    await (real ? ask('freeze') : world.control('slow', { ms: 30_000 }));
    await page.keyboard.press('/');
    await page.keyboard.type(' ');
    await page.keyboard.type('severity>=error');
    await page.keyboard.press('Enter');
    await page.locator('.searching button').click();
    await gone;
    if (!real) await until('the server', async () => (await world.control('counts')).left > before, 2);
    assert.match(await page.locator('.log-list .warning').innerText(), /a part/);
    await (real ? ask('thaw') : world.control('slow', { ms: 0 }));
    await search(word);
  },
);

test('patterns-new: what was never seen in the week before is marked, and can become a rule', async () => {
  if (real) {
    const known = ['INFO', 'Took 0.36 seconds to build the instance'];
    await world.sendLines([known], { at: Date.now() - 2 * 864e5 });
    await world.sendLines([known, ['ERROR', 'the flux capacitor lost its flux']]);
  } else await world.control('log', { text: 'the flux capacitor lost its flux' });
  await until('the pattern', async () => {
    await page.goto(`${world.url}/logs?view=patterns&range=15m&q=flux`);
    await page.waitForTimeout(700);
    return page.locator('.log-table tbody tr').count();
  });
  await page.goto(`${world.url}/logs?view=patterns&range=15m`);
  const row = page.locator('.log-table tbody tr', { hasText: 'flux capacitor' });
  await until('the mark', () => row.locator('.fresh').count());
  const old = page.locator('.log-table tbody tr', { hasText: 'Took' });
  await until('the known one', () => old.count());
  assert.equal(await old.locator('.fresh').count(), 0);
  await row.locator('.to-rule').click();
  await page.waitForSelector('.rule-editor textarea');
  assert.match(
    await page.locator('.rule-editor textarea').inputValue(),
    /pattern: "the flux capacitor lost its flux/,
  );
  await until('a check', () => page.locator('.check-result :is(.good, li)').count());
  assert.equal(await page.locator('.check-result .problem').count(), 0);
});

test('a row is opened, closed and left with the keyboard alone', async () => {
  await search('severity:error');
  await page.locator('#page').focus();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.log-list .opened .detail');
  assert.equal(await page.locator('.log-list .opened').getAttribute('data-place'), '1');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.detail', { state: 'detached' });
  await page.keyboard.press('w');
  await page.waitForSelector('.lines.virtual.wrapped');
  await page.keyboard.press('w');
});

test('a key that follows a click at once acts on what was clicked', async () => {
  await search('severity:error');
  await page.evaluate(async () => {
    document.querySelector('.log-list .row').click();
    await new Promise((resolve) => setTimeout(resolve));
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'c', bubbles: true }));
  });
  await page.waitForSelector('.detail .around[aria-expanded=true]');
});

test('a value of an open line narrows the search', async () => {
  await search('severity:error');
  await page.locator('.log-list .row').first().click();
  await page.locator('.detail .fields a', { hasText: '+' }).first().click();
  await until('the term', () => /q=severity%3Aerror\+host%3A/.test(page.url()));
});

test('no policy was violated, nothing failed on the way', () => {
  assert.deepEqual(world.sins, { csp: [], foreign: [], errors: [], dialogs: [] });
});
