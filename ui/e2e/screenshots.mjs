// Pictures of a running server for README and docs: node e2e/screenshots.mjs LOGIN_LINK DIRECTORY [light|dark]
import { chromium } from 'playwright-core';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const [link, directory, scheme = 'light'] = process.argv.slice(2);
if (!directory) throw new Error('usage: node e2e/screenshots.mjs LOGIN_LINK DIRECTORY [light|dark]');
mkdirSync(directory, { recursive: true });
const origin = new URL(link).origin;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
  ],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: scheme });

async function picture(name, path) {
  if (path) await page.goto(origin + path);
  await page.waitForTimeout(2500); // charts draw, live values arrive
  await page.screenshot({ path: join(directory, `${name}.png`) });
}

await page.goto(link);
await page.waitForURL((url) => !url.pathname.startsWith('/login'));
const steps = page.locator('.first-steps button', { hasText: 'Put away' });
if (await steps.count()) await steps.click();
await picture('overview');
await picture('alerts', '/alerts');
const alert = await page.evaluate(() => document.querySelector('a[href^="/alerts/"]')?.getAttribute('href'));
if (alert) await picture('alert', alert);
const node = await page.goto(origin + '/').then(async () => {
  await page.waitForTimeout(1500);
  return page.evaluate(() => document.querySelector('a[href^="/nodes/"]')?.getAttribute('href'));
});
if (node) await picture('node', node);
await picture('metrics', '/explore?q=host_cpu_used_ratio&range=15m');
await page.goto(`${origin}/logs?q=host%3Acompute2+service%3Anova-compute+severity%3E%3Dwarning&range=15m`);
await page.waitForSelector('.log-list .row');
await page.locator('.log-list .row').first().click();
await picture('logs');
await picture('status', '/status');
await browser.close();
