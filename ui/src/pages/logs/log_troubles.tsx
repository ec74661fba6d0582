// What is missing from the lines before anybody searches: logs that cannot be read, with what mends it, and lines that were
// left out because their log was over its limit.
import { getSamples } from '../../api/endpoints';
import { grown } from '../../live/counter';
import { overview } from '../../live/overview';
import { useResource } from '../../live/use_resource';
import { Mark } from '../../parts/mark';
import { Text } from '../../parts/text';
import { w } from '../../text/lazy_words';

const kDropped = 'agent_log_records_dropped_total';

function Node({ host }: { host: string }) {
  return (
    <a href={`/nodes/${encodeURIComponent(host)}`}>
      <Text value={host} />
    </a>
  );
}

export function Troubles() {
  const counted = useResource(kDropped, (signal) => getSamples({ metric: kDropped, from: 'now-1h' }, signal));
  const dropped = (counted.data.value?.series ?? [])
    .map(
      (one) =>
        ({ ...one.labels, n: Math.round(grown(one.points)) }) as Record<string, string> & { n: number },
    )
    .filter(({ n }) => n > 0);
  const unread = (overview.value?.nodes ?? []).flatMap(({ host, services }) =>
    services.filter((one) => one.log_problem !== '').map((one) => ({ host, ...one })),
  );
  const all = unread.length + dropped.length;
  if (all === 0) return null;
  return (
    <details class="panel log-troubles">
      <summary>
        <Mark kind="warning" /> {w('log_troubles', { n: all })}
      </summary>
      <ul class="plain body">
        {unread.map((one) => (
          <li key={`${one.host} ${one.service}`}>
            <Node host={one.host} />{' '}
            <b>
              <Text value={one.service} />
            </b>{' '}
            <Text value={one.log_problem} />
          </li>
        ))}
        {dropped.map((one) => (
          <li key={`${one.host} ${one.source}`}>
            <Node host={one.host ?? ''} />{' '}
            <b>
              <Text value={one.service ?? ''} />
            </b>{' '}
            <Text value={w('log_dropped', { n: one.n, source: one.source ?? '' })} />
          </li>
        ))}
      </ul>
    </details>
  );
}
