// What comes from outside the browser: a second node that enrols, a notification's link, a request that crosses four services.
// Needs a real server and somebody who can start an agent (tests/e2e/test_ui.py).
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { ask, mayAsk, until } from './harness.mjs';
import { loginOnce, page, world } from './login.mjs';

const skip = !mayAsk;
let token;

loginOnce({ skip });

test(
  'add-node-live: the page follows a new agent to its services and the log that it cannot read',
  { skip },
  async () => {
    await page.goto(`${world.url}/nodes/add`);
    await page.locator('.enrol button.primary').click();
    const command = await until('the command', () => page.locator('.enrol .secret code').innerText());
    token = /--account-key (\S+)/.exec(command)[1];
    await until('the wait', () => page.locator('.enrol-watch li').count());
    await ask('enrol', { token });
    await until('connected', async () => /second/.test(await page.locator('.enrol-watch').innerText()), 30);
    await until(
      'its services',
      async () => /nova-compute/.test(await page.locator('.enrol-watch').innerText()),
      30,
    );
    await until(
      'the log',
      async () => /mend with: (setfacl|usermod) /.test(await page.locator('.enrol-watch').innerText()),
      30,
    );
    await page.locator('.enrol-watch a[href="/nodes/second"]').click();
    await page.waitForSelector('.node-page h1');
  },
);

test(
  'enrol-token-reuse-expired: a token works once and in time, and the refusal says which',
  { skip },
  async () => {
    const refusal = async (secret) => {
      const answer = await fetch(`${world.url}/api/v1/agents/enrol`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ secret, host: 'third', machine_id: 'm-3', version: '1' }),
      });
      const said = await answer.json();
      assert.equal(answer.status, 401, JSON.stringify(said));
      return said.error.message;
    };
    assert.match(await refusal(token), /used already, at 20/);
    const short = await world.callAs('POST', '/api/v1/enrolment-tokens', { life: '1s' });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.match(await refusal(short.token), /expired at 20/);
    assert.match(await refusal('sne_never'), /neither the account key nor an enrolment token/);
  },
);

test('notification-link: the link of a message leads to the alert after login', { skip }, async () => {
  await ask('webhook');
  await ask('kill');
  const link = await until('the message', async () => (await ask('message')).alert_url, 30);
  const strangers = await world.newContext();
  const stranger = await strangers.newPage();
  await stranger.goto(world.url + new URL(link).pathname + new URL(link).search);
  await world.loginByForm(stranger);
  await stranger.waitForSelector('.alert-head h1');
  assert.match(await stranger.locator('.alert-head h1').innerText(), /nova-compute/);
  const [there, meant] = [new URL(stranger.url()), new URL(link)];
  assert.equal(there.pathname, meant.pathname);
  const span = ['from', 'to'].map((end) => Date.parse(meant.searchParams.get(end)));
  assert.ok(span[0] < span[1], link);
  assert.deepEqual(
    ['from', 'to'].map((end) => Date.parse(there.searchParams.get(end))),
    span,
  );
  await stranger.waitForSelector('.evidence');
  await strangers.close();
});

test('follow-request: one id across four services, in order of time', { skip }, async () => {
  const id = 'req-0b9c1a52-7d1e-4f0a-9a3b-52f1c7d0e411';
  const begin = Date.now() - 60_000;
  const services = ['nova-api', 'nova-conductor', 'nova-scheduler', 'nova-compute'];
  for (const [index, service] of services.entries()) {
    const at = new Date(begin + index * 1500);
    const stamp = at.toISOString().replace('T', ' ').replace('Z', '');
    const line = `${stamp} 4711 INFO nova.probe [None ${id} - - - - - -] step ${index} of ${service}`;
    await world.sendLines([['INFO', line]], { service, at: at.getTime(), host: `host-${index}` });
  }
  await page.goto(`${world.url}/logs?q=${encodeURIComponent('"step 2"')}`);
  await page.locator('.log-list .row').first().click();
  await page.keyboard.press('f');
  await until('the story', async () => (await page.locator('.steps > li').count()) === 4);
  const order = await page.locator('.steps .message').allInnerTexts();
  assert.deepEqual(
    order.map((text) => Number(/step (\d)/.exec(text)[1])),
    [0, 1, 2, 3],
  );
  assert.equal(await page.locator('.lanes li').count(), 4);
});

test('no policy was violated, nothing failed on the way', { skip }, () => {
  assert.deepEqual(world.sins, { csp: [], foreign: [], errors: [], dialogs: [] });
});
