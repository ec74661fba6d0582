// Whose alerts are whose, and what is put right afterwards: teams, clouds that wake nobody, the weekly report's hour, notes.
// In this order, in one login, against the mock server or, with APOLLO_URL set (harness.mjs), against a real one.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { real, sideways, until } from './harness.mjs';
import { closed, dialog, go, loginOnce, page, row, submit, world } from './login.mjs';

const HOSTILE = '<img src=x onerror="window.__xss=1">';
const stamp = Date.now().toString(36);
const name = `storage-${stamp}`;

loginOnce();

test('a team is made with what it owns, and changed', async () => {
  await go('/settings/teams');
  await page.locator('button', { hasText: 'New team' }).click();
  await dialog().locator('input[name=name]').fill(name);
  await dialog().locator('button', { hasText: 'Also alerts that match' }).click();
  await dialog().getByLabel('Value').fill(`cinder-.*|${HOSTILE}`);
  await submit();
  await closed();
  await until('the team', async () => (await row(name).count()) === 1);
  const shown = await row(name).innerText();
  assert.ok(shown.includes(`service=~cinder-.*|${HOSTILE}`), shown);

  await row(name).locator('button', { hasText: 'Edit' }).click();
  assert.equal(await dialog().getByLabel('Value').inputValue(), `cinder-.*|${HOSTILE}`);
  await dialog().locator('button', { hasText: 'Only what names the team' }).click();
  await submit();
  await closed();
  await until('the change', async () => /what names it/.test(await row(name).innerText()));
});

test("a team's rota is chosen from those there are", { skip: real }, async () => {
  await row(name).locator('button', { hasText: 'Edit' }).click();
  await dialog().locator('select[name=rota]').selectOption({ label: 'storage nights' });
  await submit();
  await closed();
  await until('the rota', async () => /storage nights/.test(await row(name).innerText()));
});

test('a team is taken away, after a question', async () => {
  await row(name).locator('button', { hasText: 'Remove' }).click();
  assert.match(await dialog().innerText(), new RegExp(`What ${name} owned goes to every channel`));
  await submit();
  await until('its end', async () => (await row(name).count()) === 0);
});

test('clouds that wake nobody and the weekly report are set; what is no matcher says so', async () => {
  const form = page.locator('.alerting form');
  await form.locator('textarea').fill('staging');
  await form.locator('select[name=weekday]').selectOption('thu');
  await form.locator('input[name=at]').fill('07:30');
  await form.locator('input[name=offset]').fill('-03:30');
  await form.locator('button[type=submit]').click();
  await until('the reason', async () => /no matcher/.test(await form.locator('.problem').innerText()));
  await form.locator('textarea').fill('environment=~"staging|dev.*"\n\npaging=no');
  await form.locator('button[type=submit]').click();
  await until('the answer', async () => (await page.locator('text=Saved.').count()) > 0);

  const kept = await world.callAs('GET', '/api/v1/alerting');
  assert.deepEqual(kept.no_page, ['environment=~"staging|dev.*"', 'paging=no']);
  assert.equal(kept.report.weekday, 'thu');
  assert.ok(kept.trial, 'the other settings are as they were');
  await go('/settings/teams', '.alerting form');
  assert.equal(await form.locator('select[name=weekday]').inputValue(), 'thu');
  assert.equal(await form.locator('input[name=at]').inputValue(), '07:30');
  assert.equal(await form.locator('input[name=offset]').inputValue(), '-03:30');

  await form.locator('select[name=weekday]').selectOption('');
  await form.locator('textarea').fill('');
  await form.locator('button[type=submit]').click();
  await until('no report', async () => (await world.callAs('GET', '/api/v1/alerting')).report === null);
  assert.deepEqual(await sideways(page), []);
});

test('a11y: the page and its form have no serious fault, and fit 320 px', async () => {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await go('/settings/teams', '.alerting form');
    assert.deepEqual(await world.axe(page), [], colorScheme);
    await page.locator('button', { hasText: 'New team' }).click();
    assert.deepEqual(await world.axe(page), [], `${colorScheme}, the form`);
    await page.keyboard.press('Escape');
    await closed();
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 320, height: 640 });
  await go('/settings/teams', '.alerting form');
  assert.deepEqual(await sideways(page), []);
  await page.setViewportSize({ width: 1280, height: 800 });
});

test('a note is put right, and taken away', { skip: real }, async () => {
  await go('/alerts/a-0001', '.alert-head h1');
  await page.fill('form.note input', `cable ${stamp}`);
  await page.click('form.note button');
  const item = page.locator('.timeline li', { hasText: stamp });
  await until('the note', () => item.count());
  await item.locator('button', { hasText: 'Edit' }).click();
  await dialog().locator('textarea[name=text]').fill(`fibre ${stamp} ${HOSTILE}`);
  await submit();
  await closed();
  await until('the other words', async () => (await item.innerText()).includes(`fibre ${stamp} ${HOSTILE}`));
  await item.locator('button', { hasText: 'Remove' }).click();
  await submit();
  await until('its end', async () => (await item.count()) === 0);
  assert.equal(await page.evaluate(() => window.__xss), undefined);
});
