// Measures the budgets of the UI in a browser, against a real server that has been filled: node e2e/bench.mjs, with
// APOLLO_URL, APOLLO_USER, APOLLO_PASSWORD and BENCH_ALERTS (how many there are). Prints one JSON object. Figures in ms,
// bytes and counts; bench/ui.py runs it.
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { open, until } from './harness.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const world = await open();
const context = await world.newContext();
const page = await context.newPage();
const figures = {};
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const p = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
const painted = () =>
  page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
  );

function bundle() {
  const files = readdirSync(`${DIST}/assets`).filter((name) => name.endsWith('.gz'));
  const size = (name) => statSync(`${DIST}/assets/${name}`).size;
  figures.first_bytes = files
    .filter((name) => name.startsWith('index-'))
    .reduce((sum, name) => sum + size(name), 0);
  figures.all_bytes = files.reduce((sum, name) => sum + size(name), 0);
  figures.largest_lazy_bytes = Math.max(...files.filter((name) => !name.startsWith('index-')).map(size));
}

async function firstPaint() {
  const times = [];
  for (let i = 0; i < 5; i += 1) {
    await page.goto('about:blank');
    await page.goto(world.url);
    await page.waitForSelector('.verdict');
    times.push(
      await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN),
    );
  }
  figures.first_paint_ms = median(times);
}

async function alerts() {
  await page.goto(`${world.url}/alerts`);
  await page.waitForSelector('.alert-table tbody tr');
  await page.waitForTimeout(500);
  figures.alert_rows = await page.locator('.alert-table tbody tr').count();
  const frames = await page.evaluate(async () => {
    const gaps = [];
    let last = performance.now();
    for (let i = 0; i < 90; i += 1) {
      window.scrollBy(0, 60);
      await new Promise((done) => requestAnimationFrame(done));
      const now = performance.now();
      gaps.push(now - last);
      last = now;
    }
    window.scrollTo(0, 0);
    return gaps;
  });
  figures.scroll_frame_p99_ms = p(frames, 0.99);
  const answer = page.waitForResponse(
    (one) => one.url().includes('/api/v1/alerts?') && one.url().includes('q=host-7'),
  );
  await page.fill('#alert-search', 'host-7');
  const response = await answer;
  const came = await page.evaluate(() => performance.now());
  await until('the rows', async () =>
    /host-7/.test(await page.locator('.alert-table tbody tr').first().innerText()),
  );
  await painted();
  figures.filter_paint_ms = (await page.evaluate(() => performance.now())) - came;
  figures.alert_page_bytes = (await response.body()).length;
}

/** A plot of many points drawn by the page's own parts: a range of the PromQL door answered here. */
async function chart() {
  const points = 100_000;
  await page.route('**/query_range?*', (route) => {
    const start = Math.floor(Date.now() / 1000) - points;
    const values = Array.from({ length: points }, (_, i) => [
      start + i,
      String(Math.sin(i / 900) + (i % 13) / 20),
    ]);
    return route.fulfill({
      json: {
        status: 'success',
        data: { resultType: 'matrix', result: [{ metric: { __name__: 'm', host: 'a' }, values }] },
      },
    });
  });
  const times = [];
  for (let i = 0; i < 5; i += 1) {
    await page.goto(`${world.url}/explore?q=m&range=7d`);
    await page.waitForSelector('.lines-chart canvas');
    await page.waitForTimeout(300);
    times.push(
      await page.evaluate(async () => {
        // The same data drawn anew: a press on the series shows it alone, which makes the plot again.
        const canvas = () => document.querySelector('.lines-chart .plot canvas');
        const old = canvas();
        const start = performance.now();
        document.querySelector('.lines-legend button').click();
        while (!canvas() || canvas() === old) await new Promise((done) => requestAnimationFrame(done));
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        return performance.now() - start;
      }),
    );
  }
  figures.chart_100k_ms = median(times);
  await page.unroute('**/query_range?*');
}

async function logs() {
  await page.goto(`${world.url}/logs?range=24h`);
  await page.waitForSelector('.log-list .line');
  figures.log_rows = await page.locator('.log-list .line').count();
}

/** After a while of walking about: what stays. */
async function heap() {
  const session = await context.newCDPSession(page);
  const used = async () => {
    await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Runtime.getHeapUsage')).usedSize;
  };
  const walk = async () => {
    for (const path of ['/', '/alerts', '/services', '/nodes', '/rules', '/logs', '/changes', '/silences']) {
      if (await page.locator(`.rail a[href="${path}"]`).count()) await page.click(`.rail a[href="${path}"]`);
      await page.waitForTimeout(150);
    }
  };
  await page.goto(world.url);
  await page.waitForSelector('.verdict');
  await walk();
  const before = await used();
  for (let i = 0; i < 10; i += 1) await walk();
  figures.heap_bytes = await used();
  figures.heap_growth_bytes = figures.heap_bytes - before;
}

await page.goto(`${world.url}/login`);
await world.loginByForm(page);
await page.waitForSelector('.verdict');
bundle();
for (const measure of [firstPaint, alerts, chart, logs, heap]) await measure();
await world.close();
console.log(JSON.stringify(figures));
