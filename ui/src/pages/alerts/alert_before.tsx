// The same alert before: how often, how long, and what was done about it the last time.
import { getAlert } from '../../api/endpoints';
import type { Alert } from '../../api/types';
import { now } from '../../live/clock';
import { useResource } from '../../live/use_resource';
import { Empty, Panel } from '../../parts/panel';
import { Text } from '../../parts/text';
import { At } from '../../parts/when';
import { t } from '../../text/i18n';
import { duration } from '../../text/time';
import { w } from '../../text/lazy_words';
import { episodesOf, lastNote, type Episode } from './alert_episodes';

const kMonth = 30 * 86_400_000;
const kShown = 8;

interface Before extends Episode {
  /** Of an alert of its own; "" = this one. */
  id: string;
  text: string;
}

/** Earlier alerts about the same; what was written is in the newest one's history, which is fetched. */
function useOthers(previous: readonly Alert[]): Before[] {
  const newest = previous[0];
  const detail = useResource(`before ${newest?.id ?? ''}`, async (signal) =>
    newest ? (await getAlert(newest.id, signal)).alert : null,
  ).data.value;
  return previous.map((one) => ({
    id: one.id,
    text: one.text,
    from: Date.parse(one.createTime),
    to: Date.parse(one.updateTime),
    note: one.id === detail?.id ? lastNote(episodesOf(detail.history ?? [])) : null,
  }));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

export function AlertBefore({ alert, previous }: { alert: Alert; previous: readonly Alert[] }) {
  const others = useOthers(previous);
  const own = episodesOf(alert.history ?? []).map((one): Before => ({ ...one, id: '', text: '' }));
  // What is over now is this time, not before.
  const before = alert.status === 'closed' || alert.status === 'expired' ? own.slice(0, -1) : own;
  const all = [...others, ...before].sort((a, b) => a.from - b.from);
  const inMonth = all.filter(({ from }) => now.peek() - from < kMonth);
  const note = lastNote(all);
  return (
    <Panel
      title={t('previous_alerts')}
      aside={
        inMonth.length > 0
          ? w('before_month', {
              n: inMonth.length,
              age: duration(median(inMonth.map(({ from, to }) => to - from))),
            })
          : undefined
      }
    >
      {note && (
        <blockquote class="last-note">
          <b>{w('last_note')}</b> <Text value={note.text} />{' '}
          <small class="muted">
            <Text value={note.user} />, <At time={note.time} />
          </small>
        </blockquote>
      )}
      {all.length > 0 ? (
        <ul class="changes">
          {all
            .slice(-kShown)
            .reverse()
            .map(({ id, text, from, to }) => (
              <li key={from}>
                <At time={new Date(from).toISOString()} />
                <span class="where">{t('lasted', { age: duration(to - from) })}</span>
                {id ? (
                  <a class="text" href={`/alerts/${encodeURIComponent(id)}`}>
                    <Text value={text} />
                  </a>
                ) : (
                  <span class="text muted">{w('this_alert')}</span>
                )}
              </li>
            ))}
        </ul>
      ) : (
        <Empty>{t('no_previous')}</Empty>
      )}
    </Panel>
  );
}
