// One login for a file of scenarios, and what they do with its page. `world` and `page` are there once the first one runs.
import { after, before } from 'node:test';
import { enter, until } from './harness.mjs';

export let world;
export let page;

/** `options` of the browser's context; with `skip` nobody logs in. `then` prepares more: hooks do not wait for each other. */
export function loginOnce({ skip = false, ...options } = {}, then = () => undefined) {
  before(async () => {
    if (skip) return;
    ({ world, page } = await enter(options));
    await then();
  });
  after(() => world?.close());
}

/** To a page of Apollo, until `selector` is on it. */
export async function go(path, selector = '.page h1') {
  await page.goto(world.url + path);
  await page.waitForSelector(selector);
}
export const texts = (selector) => page.locator(selector).allInnerTexts();
export const api = (method, path, body) => world.callAs(method, `/api/v1/${path}`, body);

export const row = (text) => page.locator('.grid tbody tr', { hasText: text });
export const dialog = () => page.locator('dialog.form-dialog[open]');
export const submit = () => dialog().locator('button[type=submit]').click();
export const closed = () => until('the dialog to close', async () => (await dialog().count()) === 0);
