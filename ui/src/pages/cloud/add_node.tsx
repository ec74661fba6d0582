// How do I get this host in? A one-time token in one command, then the page waits and tells what came: connected, what was
// found there, which logs cannot be read and what mends that.
import { useEffect, useState } from 'preact/hooks';
import '../../style/manage.css';
import { getAgents, makeEnrolmentToken, type Agent, type EnrolmentToken } from '../../api/manage';
import { serverAddress } from '../../api/origin';
import { may } from '../../api/session';
import type { NodeState } from '../../api/types';
import { now } from '../../live/clock';
import { overview, reloadOverview } from '../../live/overview';
import { useResource } from '../../live/use_resource';
import { attempt } from '../../parts/attempt';
import { Icon } from '../../parts/icon';
import { Title } from '../../parts/listing';
import { Mark } from '../../parts/mark';
import { Empty, Panel } from '../../parts/panel';
import { Secret } from '../../parts/secret';
import { Text } from '../../parts/text';
import { clockTime, duration } from '../../text/time';
import { t } from '../../text/i18n';
import { w } from '../../text/lazy_words';

const kEvery = 2000;

/** Long enough to walk to the machine; whoever finds the command later in a shell's history has nothing. */
const kLife = '30m';

interface Token extends EnrolmentToken {
  /** Agents that were there before. */
  known: Set<string>;
}

const command = ({ token, certificate_sha256: pin }: EnrolmentToken, url: string): string =>
  `sudo sentinella init --yes --server-url ${url} --account-key ${token}` +
  (pin && url.startsWith('https:') ? ` --pinned-sha256 ${pin}` : '') +
  ' && sudo systemctl enable --now sentinella';

function Found({ node }: { node: NodeState }) {
  const here = node.services.filter((one) => one.status !== 'not_here');
  const unread = here.filter((one) => one.log_problem);
  return (
    <>
      <li class="done">
        <Mark kind="normal" />{' '}
        {here.length > 0 ? (
          <>
            {w('services_found', { n: here.length })}{' '}
            <Text value={here.map((one) => one.service).join(', ')} />
          </>
        ) : (
          w('no_services_found')
        )}
      </li>
      {here.length > 0 && (
        <li class={unread.length === 0 ? 'done' : ''}>
          <Mark kind={unread.length === 0 ? 'normal' : 'warning'} />{' '}
          {w('logs_readable', { n: here.length - unread.length, all: here.length })}
          <ul>
            {unread.map((one) => (
              <li key={one.service}>
                <b>
                  <Text value={one.service} />
                </b>{' '}
                <Text value={one.log_problem} />
              </li>
            ))}
          </ul>
        </li>
      )}
      <li class="done">
        <a href={`/nodes/${encodeURIComponent(node.host)}`}>{w('see_node', { host: node.host })}</a>
      </li>
    </>
  );
}

function Waiting({ token }: { token: Token }) {
  const agents = useResource(token.token, getAgents);
  useEffect(() => {
    const timer = setInterval(() => {
      agents.reload();
      reloadOverview();
    }, kEvery);
    return () => clearInterval(timer);
  }, [agents]);
  const fresh: Agent | undefined = agents.data.value?.find((one) => !token.known.has(one.id));
  const node = fresh && overview.value?.nodes.find((one) => one.host === fresh.host);
  const left = Date.parse(token.expires) - now.value;
  return (
    <ol class="steps-list" aria-live="polite">
      {fresh ? (
        <>
          <li class="done">
            <Mark kind="normal" />{' '}
            {w('connected', {
              host: fresh.host,
              time: clockTime(fresh.created, now.peek()),
              version: fresh.version || '–',
            })}
          </li>
          {node ? <Found node={node} /> : <li>{w('waiting_first')}</li>}
        </>
      ) : left > 0 ? (
        <li>{w('waiting_agent', { age: duration(left) })}</li>
      ) : (
        <li class="problem">{w('token_expired')}</li>
      )}
    </ol>
  );
}

export function AddNodePage() {
  const [token, setToken] = useState<Token | null>(null);
  const make = async () => {
    const made = await attempt(async () => {
      const known = await getAgents();
      return { ...(await makeEnrolmentToken(kLife)), known: new Set(known.map((one) => one.id)) };
    });
    if (made) setToken(made);
  };
  return (
    <div class="page add-node">
      <a class="back" href="/nodes">
        <Icon name="back" />
        {t('nodes')}
      </a>
      <Title title={w('add_node')} />
      {!may('operator') ? (
        <Empty>{w('needs_operator')}</Empty>
      ) : (
        <>
          <Panel title={w('add_install')}>
            <div class="pad">
              <p>{w('add_install_text')}</p>
              <Secret value="sudo apt install ./sentinella_*.deb" />
            </div>
          </Panel>
          <Panel title={w('add_command')} class="enrol">
            <div class="pad">
              <p>{w('add_command_text')}</p>
              {token && Date.parse(token.expires) > now.value ? (
                <Secret value={command(token, serverAddress())} />
              ) : (
                <button type="button" class="primary" onClick={() => void make()}>
                  {w('make_command')}
                </button>
              )}
            </div>
          </Panel>
          {token && (
            <Panel title={w('add_watch')} class="enrol-watch">
              <Waiting key={token.token} token={token} />
            </Panel>
          )}
        </>
      )}
    </div>
  );
}
