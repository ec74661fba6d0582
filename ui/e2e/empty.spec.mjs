// A server that knows nothing yet: each page says so and leads on, and nobody is shut out of it. Needs a real server without a
// node (tests/e2e/test_ui.py).
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { real, until } from './harness.mjs';
import { loginOnce, page, world } from './login.mjs';

const skip = !real || !process.env.APOLLO_EMPTY;

/** Each page and what it says when there is nothing. */
const PAGES = [
  ['/', /Load a sample cloud/],
  ['/alerts', /proves nothing\. No node reports yet/],
  ['/services', /No service is watched yet/],
  ['/nodes', /no node/i],
  ['/nodes/add', /Make the command/],
  ['/nodes/no-such-node', /no such node/],
  ['/explore?q=host_load1', /No series/],
  ['/logs', /No line/i],
  ['/logs?view=patterns', /nothing|No line/i],
  ['/backtrace', /Give the id/],
  ['/resources', /Nothing sends measures of resources yet/],
  ['/instances/5ba1ab1e-0000-4000-8000-000000000000', /told nothing of this instance/],
  ['/changes', /Changes/],
  ['/boards', /There is no board yet/],
  ['/rules', /\d+ of \d+ rules/],
  ['/rules/husbandry', /Husbandry/i],
  ['/silences', /Nothing is hidden/],
  ['/channels', /there is no channel/],
  ['/status', /No service is watched yet/],
  ['/settings', /No logs are kept yet|Logs by service/],
  ['/settings/sessions', /logged in as you/],
  ['/settings/audit', /Who changed what/],
  ['/settings/users', /admin/],
  ['/settings/keys', /account key/],
];

loginOnce({ skip });

const say = (path, words) =>
  until(`${path}: ${words}`, async () => words.test(await page.locator('#page').innerText()));

test('empty-states: each page of a server that knows nothing says so, and what to do', { skip }, async () => {
  for (const [path, words] of PAGES) {
    await page.goto(world.url + path);
    await say(path, words);
    const failures = await page.locator('.failure').allInnerTexts();
    assert.deepEqual(
      failures.filter((text) => !/no such/.test(text)),
      [],
      path,
    );
  }
});

for (const colorScheme of ['light', 'dark'])
  test(`a11y-all-pages: no empty page has a serious fault, ${colorScheme}`, { skip }, async () => {
    await page.emulateMedia({ colorScheme });
    for (const [path, words] of PAGES) {
      await page.goto(world.url + path);
      await say(path, words);
      assert.deepEqual(await world.axe(page), [], path);
    }
  });

test('first-run: a server alone says so, and leads to the command that ends it', { skip }, async () => {
  await page.goto(world.url);
  await say('/', /No node has reported yet/);
  await say('/', /Watch a host: one command/);
  await page.locator('.page a.button', { hasText: 'Add the first node' }).click();
  await page.locator('.enrol button.primary').click();
  await until('the command', async () =>
    /--account-key \S+/.test(await page.locator('.enrol .secret code').innerText()),
  );
});

test('no policy was violated, nothing failed on the way', { skip }, () => {
  assert.deepEqual(world.sins, { csp: [], foreign: [], errors: [], dialogs: [] });
});
