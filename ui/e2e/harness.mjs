// What the scenarios stand on: a server (the mock one, or a real one named by the environment), a browser, a login, and
// a record of everything that must not happen.
//
// Environment for a real server:
//   APOLLO_URL                        http://127.0.0.1:8420
//   APOLLO_LINK                       one-time login link or its token (optional)
//   APOLLO_USER, APOLLO_PASSWORD      a person with the role operator or admin
//   APOLLO_BREAK                      shell command that breaks a watched service, so that a new alert is raised
//   APOLLO_APART                      origin (http://127.0.0.1:PORT) that the server's ui_origins names: the pages are
//                                     served there too
//   APOLLO_HOST                       the host that must be on the overview (default: any)
//   APOLLO_CONTROL                    address of somebody who kills, starts and floods for the browser (tests/e2e/test_ui.py)
//   APOLLO_EMPTY                      the server knows no node yet
import { chromium } from 'playwright-core';
import { exec } from 'node:child_process';
import { promisify } from 'node:util';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { startMock } from './mock_server.mjs';
import { XSS } from './mock_data.mjs';

const env = process.env;
export const real = Boolean(env.APOLLO_URL);
export const mayBreak = !real || Boolean(env.APOLLO_BREAK);
export const user = real ? env.APOLLO_USER : 'admin';
export const password = real ? env.APOLLO_PASSWORD : 'correct horse battery';
export const host = env.APOLLO_HOST ?? '';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** `origins`: sites apart from the server whose pages may call it. */
export async function open({ origins = [] } = {}) {
  const mock = real ? null : await startMock({ origins });
  const url = (real ? env.APOLLO_URL : mock.url).replace(/\/$/, '');
  const browser = await chromium.launch({ executablePath: env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
  /** What must stay empty. */
  const sins = { csp: [], foreign: [], errors: [], dialogs: [] };

  async function newContext(options = {}) {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: 'en-US',
      ...options,
    });
    context.setDefaultTimeout(20_000);
    await context.exposeBinding('__violation', (_source, text) => sins.csp.push(text));
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        window.__violation(
          `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
        );
      });
    });
    context.on('page', (page) => {
      page.on('request', (request) => {
        const address = request.url();
        const ours = [url, ...origins].some((one) => address.startsWith(`${one}/`));
        if (!ours && !address.startsWith('blob:')) sins.foreign.push(address);
      });
      page.on('pageerror', (error) => sins.errors.push(error.stack ?? String(error)));
      page.on('dialog', (dialog) => {
        sins.dialogs.push(dialog.message());
        void dialog.dismiss();
      });
    });
    return context;
  }

  async function loginByForm(page, name = user, secret = password) {
    await page.fill('input[name=name]', name);
    await page.fill('input[name=password]', secret);
    await page.click('form.login button[type=submit]');
  }

  const control = async (name, params = {}) =>
    (await fetch(`${url}/__mock/${name}?${new URLSearchParams(params)}`)).json();

  /** Makes something outside happen that raises an alert; its text when it is known beforehand. */
  async function breakSomething() {
    if (real) {
      await promisify(exec)(env.APOLLO_BREAK);
      return null;
    }
    const text = 'nova-compute on compute2 was killed by signal 11';
    await control('raise', { text });
    return text;
  }

  /** A call as the person who is logged in on the page, with a login of its own. */
  let token = '';
  async function callAs(method, path, body) {
    const json = { 'content-type': 'application/json' };
    const once = () =>
      fetch(url + path, {
        method,
        headers: { ...json, authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    let answer = token === '' ? null : await once();
    if (!answer || answer.status === 401) {
      const login = await fetch(`${url}/api/v1/auth/login`, {
        method: 'POST',
        headers: json,
        body: JSON.stringify({ name: user, password }),
      });
      token = (await login.json()).access_token;
      answer = await once();
    }
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    const text = await answer.text();
    return text === '' ? null : JSON.parse(text);
  }

  /** Every login of the person ends; with the next request that needs one, or the next token, pages notice. */
  const endLogins = () => (real ? callAs('DELETE', '/api/v1/sessions') : control('forget'));

  /** Log lines as a program sends them, each a severity and a text. */
  async function sendLines(lines, more = {}) {
    const { host: onHost = host || 'controller', service = 'probe', at = Date.now(), attributes = {} } = more;
    const text = (value) => ({ stringValue: value });
    const pairs = (of) => Object.entries(of).map(([key, value]) => ({ key, value: text(value) }));
    await callAs('POST', '/otlp/v1/logs', {
      resourceLogs: [
        {
          resource: { attributes: pairs({ 'host.name': onHost, 'service.name': service }) },
          scopeLogs: [
            {
              logRecords: lines.map(([severityText, body], index) => ({
                timeUnixNano: String(BigInt(at + index) * 1000000n),
                severityText,
                severityNumber: severityText === 'ERROR' ? 17 : 9,
                body: text(body),
                attributes: pairs(attributes),
              })),
            },
          ],
        },
      ],
    });
  }

  /** An alert as another program reports it. */
  const raise = (
    text,
    { service = 'probe', resource = 'probe', severity = 'critical', event = 'Probe' } = {},
  ) =>
    callAs('POST', '/alerta/alert', {
      resource,
      event,
      environment: 'Production',
      service: [service],
      severity,
      text,
    });

  /** A value of the server's metrics of itself. */
  async function selfMetric(name) {
    const text = await (await fetch(`${url}/metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1));
  }

  /** Hostile text in a change and in a log line; the mock has it from the start. */
  async function plantHostileText(onHost) {
    if (!real) return;
    await callAs('POST', '/api/v1/changes', { type: 'deploy', summary: XSS, host: onHost });
    await sendLines([['ERROR', XSS]], { host: onHost, service: 'xss-probe' });
  }

  /** Violations of axe-core's rules for WCAG 2.2 AA that are serious or critical. */
  async function axe(page) {
    await page.evaluate(AXE);
    const found = await page.evaluate(() =>
      window.axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      }),
    );
    return found.violations
      .filter((violation) => ['serious', 'critical'].includes(violation.impact))
      .map(
        (violation) =>
          `${violation.id}: ${violation.nodes
            .map((node) => `${node.target.join(' ')} ${node.failureSummary}`)
            .slice(0, 3)
            .join(' | ')}`,
      );
  }

  return {
    url,
    sins,
    newContext,
    loginByForm,
    control,
    breakSomething,
    callAs,
    endLogins,
    sendLines,
    raise,
    selfMetric,
    plantHostileText,
    axe,
    link: real ? (env.APOLLO_LINK ?? '').replace(/^.*#/, '') : 'first-link',
    close: async () => {
      await browser.close();
      await mock?.close();
    },
  };
}

/** A browser in which somebody has just logged in; `options` of its context. */
export async function enter(options = {}) {
  const world = await open();
  const context = await world.newContext(options);
  const page = await context.newPage();
  await page.goto(`${world.url}/login`);
  await world.loginByForm(page);
  await page.waitForSelector('.verdict h1');
  return { world, context, page };
}

/** Asks somebody beside the browser to do something: APOLLO_CONTROL (tests/e2e/test_ui.py). */
export async function ask(what, params = {}) {
  const answer = await fetch(`${env.APOLLO_CONTROL}/${what}?${new URLSearchParams(params)}`, {
    method: 'POST',
  });
  if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
export const mayAsk = real && Boolean(env.APOLLO_CONTROL);

/** Asks until `probe` gives something true; its last answer in the error otherwise. */
export async function until(what, probe, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < end) {
    last = await probe();
    if (last) return last;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what}: not within ${seconds} s; last seen: ${JSON.stringify(last)}`);
}

/** What reaches beyond the right edge of the window, if the page scrolls sideways. */
export const sideways = (page) =>
  page.evaluate(() =>
    document.documentElement.scrollWidth === innerWidth
      ? []
      : [...document.querySelectorAll('body *')]
          .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5)
          .map(
            (one) =>
              `${one.tagName}.${one.className?.baseVal ?? one.className}: ${one.textContent.slice(0, 40)}`,
          ),
  );
