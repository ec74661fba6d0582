// a11y-all-pages: every page for people who cannot see or point well, or need large print: axe in both themes and in forced
// colours, no sideways scrolling at 320 px, and the keyboard alone. Against the mock server or, with APOLLO_URL set
// (harness.mjs), a real one.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { host, real, sideways, until } from './harness.mjs';
import { loginOnce, page, world } from './login.mjs';
import { INSTANCE } from './mock_cloud.mjs';
import { REQUEST } from './mock_logs.mjs';

const stamp = Date.now().toString(36);
const MEDIA = [
  { colorScheme: 'light', forcedColors: 'none' },
  { colorScheme: 'dark', forcedColors: 'none' },
  { colorScheme: 'dark', forcedColors: 'active' },
];
const WIDE = { width: 1280, height: 800 };
let node;
let alert;
let board;

loginOnce({}, async () => {
  node = host || 'compute1';
  const raised = await world.raise(`reachable ${stamp}`, { resource: node, event: `Reach${stamp}` });
  alert = raised.id ?? raised.alert.id;
  await world.callAs('POST', '/api/v1/silences', {
    matchers: [{ name: 'host', value: `h-${stamp}` }],
    ...{ reason: 'a row to read', duration: '1h' },
  });
  board = await world.callAs('POST', '/api/v1/boards', {
    name: `board ${stamp}`,
    shared: true,
    body: {
      panels: [
        ['metrics', 'host_load1'],
        ['logs', 'severity>=info'],
        ['alerts', ''],
        ['text', '# Words'],
      ].map(([kind, query]) => ({ kind, query, title: kind, width: 1 })),
    },
  });
});

const PAGES = [
  '/',
  '/alerts',
  '/alerts?range=7d&status=open&status=ack&status=closed',
  () => `/alerts/${alert}`,
  '/services',
  '/services/nova-api',
  '/nodes',
  () => `/nodes/${node}`,
  () => `/nodes/${node}?tab=vitals`,
  '/nodes/add',
  '/explore?q=host_load1',
  '/explore',
  '/logs',
  '/logs?view=patterns&range=15m',
  '/logs?live=1',
  real ? '/backtrace' : `/backtrace?id=${REQUEST}`,
  '/resources',
  ...(real ? [] : [`/resources/${INSTANCE}`, `/instances/${INSTANCE}`, '/alerts/a-0001']),
  '/changes',
  '/boards',
  () => `/boards/${board.id}`,
  '/rules',
  '/rules/openstack-service-down',
  '/rules/new',
  '/rules/husbandry',
  '/silences',
  '/silences?cal=1',
  '/silences?new=1',
  '/channels',
  '/status',
  '/settings',
  '/settings/sessions',
  '/settings/audit',
  '/settings/usage',
  '/settings/users',
  '/settings/keys',
  '/?kiosk=1',
  '/alerts?kiosk=1',
  '/no-such-page',
];

async function show(path) {
  await page.goto(world.url + path);
  await page.waitForSelector('#page :is(h1, .verdict, .empty)');
  await until(`${path} has come`, async () => (await page.locator('#page .skeleton').count()) === 0);
  // The answer about the week before comes later; a real server need not know anything new.
  if (path.includes('patterns') && !real)
    await until('what is new', () => page.locator('.log-table .fresh').count());
}

/** What looks like its neighbours although it is the one that is meant, where only the system's colours are left. */
const unmarked = () =>
  page.evaluate(() => {
    const looks = (one) => {
      const style = getComputedStyle(one);
      return [
        ...['borderTopStyle', 'borderTopWidth', 'borderTopColor', 'borderBottomWidth', 'borderLeftWidth'],
        ...[
          'outlineStyle',
          'textDecorationLine',
          'fontWeight',
          'color',
          'backgroundColor',
          'borderBottomColor',
        ],
        ...['borderLeftColor', 'boxShadow'],
      ]
        .map((name) => style[name])
        .join();
    };
    const chosen = 'nav [aria-current], .tabs [aria-current], .ranges [aria-current], [aria-pressed=true]';
    return [...document.querySelectorAll(chosen)]
      .filter((one) => {
        const beside = [...one.parentElement.children].find(
          (other) =>
            other.tagName === one.tagName &&
            other !== one &&
            !other.matches('[aria-current], [aria-pressed=true]'),
        );
        return beside && looks(one) === looks(beside);
      })
      .map((one) => `${one.closest('[class]')?.className}: ${one.textContent.slice(0, 40)}`);
  });

/** Severities whose shape has the colour of what is behind it. */
const unseenMarks = () =>
  page.evaluate(() => {
    const canvas = getComputedStyle(document.body).backgroundColor;
    return [...document.querySelectorAll('svg.mark > *')]
      .filter((shape) =>
        [getComputedStyle(shape).fill, getComputedStyle(shape).stroke].every((one) => one === canvas),
      )
      .map((shape) => shape.parentElement.getAttribute('class'));
  });

/** Through the page by Tab: what has no ring while it has the focus, cannot be seen, or holds the focus. */
async function walk(most) {
  const faults = [];
  await page.evaluate(() => {
    document.activeElement?.blur();
    scrollTo(0, 0);
  });
  await page.keyboard.press('Tab');
  if (!(await page.evaluate(() => document.activeElement?.matches('a.skip'))))
    return ['no link to skip the frame'];
  await page.keyboard.press('Enter');
  if ((await page.evaluate(() => document.activeElement?.id)) !== 'page') return ['the link leads nowhere'];
  await page.evaluate(() => (window.__last = null));
  for (let stop = 0; stop < most; stop += 1) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(() => {
      const one = document.activeElement;
      if (!one || !document.getElementById('page').contains(one)) return null;
      const again = one === window.__last;
      window.__last = one;
      const rung = [one, one.parentElement, one.closest('label')].some((place) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(place ?? one);
        return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
      });
      const { width, height } = (one.closest('label') ?? one).getBoundingClientRect();
      const name = `${one.tagName}.${one.getAttribute('class') ?? ''} ${one.textContent.slice(0, 30)}`;
      return {
        name,
        fault: again ? 'holds the focus' : !rung ? 'no ring' : width * height < 4 ? 'unseen' : '',
      };
    });
    if (!found) return faults;
    if (found.fault) faults.push(`${found.name}: ${found.fault}`);
    if (found.fault === 'holds the focus') return faults;
  }
  return faults;
}

for (const given of PAGES)
  test(`a11y-all-pages: ${typeof given === 'string' ? given : String(given).replace(/.*`(.*)`.*/, '$1')}`, async () => {
    const path = typeof given === 'string' ? given : given();
    await show(path);
    for (const media of MEDIA) {
      await page.emulateMedia(media);
      assert.deepEqual(await world.axe(page), [], `${path} ${JSON.stringify(media)}`);
    }
    assert.deepEqual([...(await unmarked()), ...(await unseenMarks())], [], `${path} in forced colours`);
    await page.emulateMedia(MEDIA[0]);
    // A dialog and a kiosk have no frame to skip.
    if (!/kiosk|new=1/.test(path)) assert.deepEqual(await walk(40), [], `${path} by keyboard`);
    await page.setViewportSize({ width: 320, height: 640 });
    await page.waitForTimeout(200);
    assert.deepEqual(await sideways(page), [], `${path} at 320 px`);
    await page.setViewportSize(WIDE);
  });

test('a11y-all-pages: a line that is open, the list of keys, the palette, the menu', async () => {
  const sound = async (what) => {
    for (const media of MEDIA) {
      await page.emulateMedia(media);
      assert.deepEqual(await world.axe(page), [], `${what} ${JSON.stringify(media)}`);
    }
    await page.emulateMedia(MEDIA[0]);
  };
  await show('/logs');
  await until('a line', () => page.locator('.log-list .row').count());
  await page.locator('.log-list .row').first().click();
  await page.waitForSelector('.log-list .detail');
  await sound('an open line');
  await page.keyboard.press('?');
  await page.waitForSelector('dialog[open]');
  await sound('the keys');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.waitForSelector('dialog[open]');
  await page.keyboard.type('log');
  await sound('the palette');
  // The first takes the words away.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog[open]', { state: 'detached' });
  await page.click('button.user');
  await page.waitForSelector('#user-menu:popover-open');
  await sound('the menu');
});

test('a11y-all-pages: the way in', async () => {
  const stranger = await (await world.newContext()).newPage();
  await stranger.goto(`${world.url}/login`);
  await stranger.waitForSelector('form.login');
  for (const media of MEDIA) {
    await stranger.emulateMedia(media);
    assert.deepEqual(await world.axe(stranger), [], JSON.stringify(media));
  }
  await stranger.setViewportSize({ width: 320, height: 640 });
  assert.deepEqual(await sideways(stranger), []);
  await stranger.context().close();
});

test('no policy was violated, nothing failed on the way', () => {
  assert.deepEqual(world.sins, { csp: [], foreign: [], errors: [], dialogs: [] });
});
