// A search that found nothing: whether there are lines at all, and where some would be found.
import { queryLogs } from '../../api/endpoints';
import type { LogTable } from '../../api/types';
import { withParams } from '../../live/router';
import { useResource } from '../../live/use_resource';
import { Empty } from '../../parts/panel';
import type { Span } from '../../parts/range';
import { t } from '../../text/i18n';
import { w } from '../../text/lazy_words';
import { WaysOut } from '../ways_out';

const kWeek = { from: 'now-7d', to: 'now' };

const countOf = ({ rows }: LogTable): number => Number(rows[0]?.[0] ?? 0);

export function Nothing({ search, span }: { search: string; span: Span }) {
  const loaded = useResource(JSON.stringify(['nothing', search, span]), (signal) =>
    Promise.all([
      queryLogs({ q: '| count', ...span }, signal),
      queryLogs({ q: '| count', ...kWeek }, signal),
      search === '' ? null : queryLogs({ q: `${search} | count`, ...kWeek }, signal),
    ]),
  );
  const [here, week, matching] = (loaded.data.value ?? []).map((table) => table && countOf(table));
  return (
    <Empty>
      {t('no_lines_found')}{' '}
      {week === 0 ? (
        <>
          {w('lines_never')} <a href="/nodes/add">{w('lines_add_node')}</a>{' '}
        </>
      ) : (
        here !== undefined &&
        here !== null && <>{here === 0 ? w('lines_none_at_all') : w('lines_others', { n: here })} </>
      )}
      {matching ? (
        <a href={withParams({ range: '7d', from: undefined, to: undefined })}>
          {w('lines_in_week', { n: matching })}
        </a>
      ) : null}{' '}
      <WaysOut filters={['q']} />
    </Empty>
  );
}
