// What a rule would have said in the last days, beside what the stored one would have.
import { useRef, useState } from 'preact/hooks';
import { backtestRule, type Backtest, type BacktestAnswer } from '../../api/manage';
import { reason } from '../../parts/attempt';
import { Grid } from '../../parts/listing';
import { SeverityBadge } from '../../parts/mark';
import { Empty, Panel } from '../../parts/panel';
import { Text } from '../../parts/text';
import { At } from '../../parts/when';
import { duration } from '../../text/time';
import { t } from '../../text/i18n';
import { w } from '../../text/lazy_words';

const kDays = [1, 7, 30] as const;

function Figures({ title, of }: { title: string; of: Backtest }) {
  return (
    <dl class="figures">
      <dt class="sr-only">{title}</dt>
      <dd>
        <strong>{title}</strong>
      </dd>
      <dd>
        <b>{of.episodes}</b> {w('episodes', { n: of.episodes })}
      </dd>
      <dd>
        <b>{of.pages}</b> {w('pages', { n: of.pages })}
      </dd>
      <dd>{w('longest', { time: of.longest })}</dd>
      <dd>{w('in_all', { time: of.total })}</dd>
    </dl>
  );
}

function Result({ of }: { of: BacktestAnswer }) {
  const main = of.new ?? of.old;
  if (!main) return null;
  return (
    <div class="backtest-result">
      {of.new && <Figures title={w('this_text')} of={of.new} />}
      {of.old && <Figures title={w('stored_rule')} of={of.old} />}
      {of.only_new !== undefined && of.only_old !== undefined && (
        <p>{w('difference', { fresh: of.only_new, old: of.only_old })}</p>
      )}
      <p class="muted">{w('looked_at', { samples: main.samples, records: main.records })}</p>
      {main.notes.map((note) => (
        <p key={note} class="muted">
          <Text value={note} />
        </p>
      ))}
      <Grid
        label={w('firings')}
        columns={[t('time'), w('lasted'), t('severity'), w('resource')]}
        empty={w('would_say_nothing')}
        rows={main.list.slice(0, 200).map((one) => (
          <tr key={one.resource + one.begin + one.event}>
            <td>
              <At time={one.begin} />
            </td>
            <td>{one.end ? duration(Date.parse(one.end) - Date.parse(one.begin)) : w('still_open')}</td>
            <td>
              <SeverityBadge severity={one.severity} />
            </td>
            <td class="wide-cell">
              <Text value={one.resource} />
            </td>
          </tr>
        ))}
      />
    </div>
  );
}

interface BacktestPanelProps {
  /** The text to try, and the id of the stored rule to compare with; "" = none. */
  text: () => string;
  id: string;
}
export function BacktestPanel({ text, id }: BacktestPanelProps) {
  const [days, setDays] = useState<number>(7);
  const [answer, setAnswer] = useState<BacktestAnswer | null>(null);
  const [problem, setProblem] = useState('');
  const running = useRef<AbortController | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async () => {
    const abort = new AbortController();
    running.current = abort;
    setBusy(true);
    setProblem('');
    try {
      setAnswer(await backtestRule({ yaml: text(), ...(id ? { rule_id: id } : {}), days }, abort.signal));
    } catch (error) {
      if (!abort.signal.aborted) setProblem(reason(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel
      title={w('backtest')}
      class="backtest-panel"
      aside={
        <div class="bar">
          <select
            aria-label={w('days')}
            value={String(days)}
            onChange={(event) => setDays(Number(event.currentTarget.value))}
          >
            {kDays.map((one) => (
              <option key={one} value={one}>
                {w('last_days', { n: one })}
              </option>
            ))}
          </select>
          {busy ? (
            <button type="button" onClick={() => running.current?.abort()}>
              {t('cancel')}
            </button>
          ) : (
            <button type="button" class="run-backtest" onClick={() => void run()}>
              {w('backtest_run')}
            </button>
          )}
        </div>
      }
    >
      {problem && (
        <p class="problem pad" role="alert">
          <Text value={problem} />
        </p>
      )}
      {busy ? (
        <Empty>{w('backtest_busy')}</Empty>
      ) : answer ? (
        <Result of={answer} />
      ) : (
        <Empty>{w('backtest_hint')}</Empty>
      )}
    </Panel>
  );
}
