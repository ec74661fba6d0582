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

  /** Hostile text in a change and in a log line; the mock has it from the start. */
  async function plantHostileText(onHost) {
    if (!real) return;
    const login = await fetch(`${url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: user, password }),
    });
    const headers = {
      authorization: `Bearer ${(await login.json()).access_token}`,
      'content-type': 'application/json',
    };
    const change = { type: 'deploy', summary: XSS, host: onHost };
    const text = (value) => ({ stringValue: value });
    const record = {
      timeUnixNano: String(BigInt(Date.now()) * 1000000n),
      severityText: 'ERROR',
      severityNumber: 17,
      body: text(XSS),
    };
    const logs = {
      resourceLogs: [
        {
          resource: {
            attributes: [
              { key: 'host.name', value: text(onHost) },
              { key: 'service.name', value: text('xss-probe') },
            ],
          },
          scopeLogs: [{ logRecords: [record] }],
        },
      ],
    };
    for (const [path, body] of [
      ['/api/v1/changes', change],
      ['/otlp/v1/logs', logs],
    ]) {
      const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
    }
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
    plantHostileText,
    axe,
    link: real ? (env.APOLLO_LINK ?? '').replace(/^.*#/, '') : 'first-link',
    close: async () => {
      await browser.close();
      await mock?.close();
    },
  };
}

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
