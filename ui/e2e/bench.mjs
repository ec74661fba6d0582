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
function bundle() {
  const files = readdirSync(`${DIST}/assets`).filter((name) => name.endsWith('.gz'));
  const size = (name) => statSync(`${DIST}/assets/${name}`).size;
  const first = files.filter((name) => name.startsWith('index-'));
  // Of the languages one is fetched; the largest counts.
  const languages = files.filter((name) => /^e[ns]-/.test(name));
  const sum = (names) => names.reduce((bytes, name) => bytes + size(name), 0);
  figures.first_bytes = sum(first) + Math.max(...languages.map(size));
  figures.all_bytes = sum(files);
  const lazy = files.filter((name) => !first.includes(name) && !languages.includes(name));
  figures.largest_lazy_bytes = Math.max(...lazy.map(size));
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
  const rows = () => page.locator('.alert-table tbody tr').count();
  figures.alert_rows = await rows();
  figures.scroll_frame_p99_ms = await page.evaluate(async () => {
    const gaps = [];
    let last = performance.now();
    for (let i = 0; i < 120; i += 1) {
      window.scrollBy(0, 60);
      await new Promise((done) => requestAnimationFrame(done));
      const now = performance.now();
      gaps.push(now - last);
      last = now;
    }
    window.scrollTo(0, 0);
    return gaps.sort((a, b) => a - b)[Math.floor(gaps.length * 0.99)];
  });
  figures.alert_rows = Math.max(figures.alert_rows, await rows());
  const times = [];
  for (const wanted of ['host-7', 'host-11', 'host-13', 'host-17', 'host-19']) {
    await page.goto(`${world.url}/alerts`);
    await page.waitForSelector('.alert-table tbody tr[data-id]');
    const answer = page.waitForResponse(
      (one) => one.url().includes('/api/v1/alert-rows?') && one.url().includes(`q=${wanted}`),
    );
    // From the answer to the paint, by the page's own clock.
    const painted = page.evaluate(
      (text) =>
        new Promise((done) => {
          const fetched = window.fetch;
          let came = 0;
          window.fetch = async (...args) => {
            const response = await fetched(...args);
            if (String(args[0]).includes(`q=${text}`)) came = performance.now();
            return response;
          };
          const look = () => {
            const cell = document.querySelector('.alert-table tbody .row-link');
            if (came > 0 && cell?.textContent.includes(`of ${text}`)) {
              requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - came)));
              return;
            }
            requestAnimationFrame(look);
          };
          look();
        }),
      wanted,
    );
    await page.fill('#alert-search', wanted);
    const response = await answer;
    times.push(await painted);
    figures.alert_page_bytes = (await response.body()).length;
  }
  figures.filter_paint_ms = median(times);
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
  const zooms = [];
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
  for (let i = 0; i < 5; i += 1) {
    await page.goto(`${world.url}/explore?q=m&range=7d`);
    await page.waitForSelector('.lines-chart canvas');
    await page.waitForTimeout(300);
    zooms.push(
      await page.evaluate(async () => {
        const over = document.querySelector('.lines-chart .u-over');
        const { left, top, width } = over.getBoundingClientRect();
        const fire = (type, share, on = over) =>
          on.dispatchEvent(
            new MouseEvent(type, {
              clientX: left + width * share,
              clientY: top + 50,
              movementX: 1,
              bubbles: true,
              button: 0,
            }),
          );
        fire('mousemove', 0.3);
        fire('mousedown', 0.3);
        fire('mousemove', 0.5);
        fire('mousemove', 0.6);
        await new Promise((done) => requestAnimationFrame(done));
        const start = performance.now();
        fire('mouseup', 0.6, document);
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        return location.search.includes('from=') ? performance.now() - start : NaN;
      }),
    );
  }
  figures.chart_100k_ms = median(times);
  figures.zoom_100k_ms = median(zooms);
  await page.unroute('**/query_range?*');
}

/** As many lines as the server was given; `End` goes to the last of them. */
async function logs() {
  await page.goto(`${world.url}/logs?range=24h`);
  await page.waitForSelector('.log-list li .message');
  await page.waitForTimeout(1000);
  figures.log_lines = Number((await page.locator('.log-list .aside').innerText()).replace(/\D/g, ''));
  figures.log_rows = await page.locator('.log-list .virtual > li').count();
  figures.jump_ms = await page.evaluate(async (last) => {
    const list = document.querySelector('.lines.virtual');
    const start = performance.now();
    list.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }));
    while (!list.querySelector(`li[data-place="${last}"] .message`))
      await new Promise((done) => requestAnimationFrame(done));
    return performance.now() - start;
  }, figures.log_lines - 1);
  figures.log_rows = Math.max(figures.log_rows, await page.locator('.log-list .virtual > li').count());
}

/** One line of a megabyte: from the press that opens it to the frame in which the list has also scrolled. */
async function giantLine() {
  await world.sendLines([['ERROR', `giant ${'x'.repeat(900_000)} end`]], { service: 'giant-probe' });
  await until('the line', async () => {
    await page.goto(`${world.url}/logs?q=giant&range=15m`);
    await page.waitForTimeout(500);
    return page.locator('.log-list .row').count();
  });
  figures.giant_open_ms = await page.evaluate(async () => {
    const start = performance.now();
    document.querySelector('.log-list .row').click();
    while (!document.querySelector('.detail')) await new Promise((done) => requestAnimationFrame(done));
    document.querySelector('.lines.virtual').scrollBy(0, 200);
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return performance.now() - start;
  });
}

/** A thousand new alerts a second for ten seconds: how often the list of them is painted. */
async function storm() {
  const seconds = 10;
  await page.goto(`${world.url}/alerts?q=storm%20of`);
  await page.waitForSelector('.alerts .empty, .alert-table tbody tr');
  const painting = page.evaluate(async (length) => {
    let frames = 0;
    const end = performance.now() + length * 1000;
    for (; performance.now() < end; frames += 1) await new Promise((done) => requestAnimationFrame(done));
    return frames / length;
  }, seconds);
  const endsAt = new Date(Date.now() + 36e5).toISOString();
  const started = Date.now();
  let sent = 0;
  while (Date.now() - started < seconds * 1000) {
    const batch = Array.from({ length: 100 }, (_, i) => ({
      labels: { alertname: 'Storm', instance: `storm-${sent + i}`, host: 'host-1', severity: 'warning' },
      annotations: { summary: `storm of ${sent + i}` },
      endsAt,
    }));
    await world.callAs('POST', '/alertmanager/api/v2/alerts', batch);
    sent += batch.length;
    const ahead = started + sent - Date.now();
    if (ahead > 0) await new Promise((done) => setTimeout(done, ahead));
  }
  figures.storm_paints_per_s = await painting;
  figures.storm_alerts_per_s = sent / seconds;
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
for (const measure of [firstPaint, alerts, chart, logs, giantLine, heap, storm]) await measure();
await world.close();
console.log(JSON.stringify(figures));
