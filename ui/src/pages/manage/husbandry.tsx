// Which rules earn their keep? What the lints found, each with the press that mends it, and what the last week's alerts
// cost and were worth.
import '../../style/manage.css';
import {
  actOnRule,
  getFindings,
  getHusbandryTrend,
  getWeeklyReport,
  sendWeeklyReport,
  type Finding,
  type RuleRecord,
  type TrendWeek,
  type WeeklyReport,
} from '../../api/manage';
import { may } from '../../api/session';
import { useResource } from '../../live/use_resource';
import { attempt } from '../../parts/attempt';
import { Grid, Loaded, Title } from '../../parts/listing';
import { Panel } from '../../parts/panel';
import { Text } from '../../parts/text';
import { Day } from '../../parts/when';
import { t } from '../../text/i18n';
import { duration } from '../../text/time';
import { w, wordOf } from '../../text/lazy_words';
import { FindingMark } from './rule';
import { RuleTabs } from './rules';

/** "clear:90%" in words; as it came where we do not know it. */
function actionWords(action: string): string {
  const [verb = '', ...value] = action.split(':');
  const words = wordOf('mend_', verb);
  return words === verb ? action : words.replace('{value}', () => value.join(':'));
}

function FindingRow({ of, changed }: { of: Finding; changed: () => void }) {
  const mend = async () => {
    if (await attempt(() => actOnRule(of.rule_id, of.action), w('mended'))) changed();
  };
  return (
    <tr>
      <td>
        <FindingMark level={of.level} /> {wordOf('level_', of.level)}
      </td>
      <th scope="row">
        {of.rule_id === '' ? (
          w('set_up')
        ) : (
          <a href={`/rules/${encodeURIComponent(of.rule_id)}`}>
            <Text value={of.rule_id} />
          </a>
        )}
      </th>
      <td class="wide-cell">
        <span title={of.code}>
          <Text value={of.text} />
        </span>
      </td>
      <td class="num">{of.pages_saved_per_week > 0 ? of.pages_saved_per_week.toFixed(1) : ''}</td>
      <td class="acts">
        {of.action && of.rule_id !== '' && may('operator') && (
          <button type="button" title={of.action} onClick={() => void mend()}>
            <Text value={actionWords(of.action)} />
          </button>
        )}
      </td>
    </tr>
  );
}

function Score({ of }: { of: RuleRecord }) {
  return (
    <>
      <b class={of.attention_score < 0.5 ? 'bad-figure' : ''}>{Math.round(of.attention_score * 100)}</b>
      {of.deductions.length > 0 && (
        <small class="muted said">
          <Text value={of.deductions.map((one) => `−${Math.round(one.by * 100)} ${one.reason}`).join(', ')} />
        </small>
      )}
    </>
  );
}

function Team({ of }: { of: WeeklyReport['teams'][number] }) {
  return (
    <Panel title={of.team || w('no_team')}>
      <p class="pad facts">
        <span>{w('team_episodes', { n: of.episodes })}</span>
        <span>{w('team_pages', { n: of.pages, night: of.night_pages })}</span>
        <span>{w('team_acted', { share: Math.round(of.acted_share * 100) })}</span>
        <span>{w('team_median', { time: of.median_length })}</span>
      </p>
      <Grid
        label={of.team || w('no_team')}
        columns={[
          t('rules'),
          `#${w('fired')}`,
          `#${w('acted_on')}`,
          `#${w('told')}`,
          `#${w('cost')}`,
          w('attention_score'),
        ]}
        empty={w('no_episodes')}
        rows={of.rules.map((one) => (
          <tr key={one.rule_id}>
            <th scope="row">
              <a href={`/rules/${encodeURIComponent(one.rule_id)}`}>
                <Text value={one.rule_id} />
              </a>
            </th>
            <td class="num">{one.episodes}</td>
            <td class="num">{one.acted}</td>
            <td class="num">{one.messages}</td>
            <td class="num">{w('minutes', { n: Math.round(one.cost_minutes) })}</td>
            <td class="wide-cell">
              <Score of={one} />
            </td>
          </tr>
        ))}
      />
    </Panel>
  );
}

const kWeeks = 8;

const orNone = (seconds: number | null): string => (seconds === null ? '–' : duration(seconds * 1000));

/** Better or worse than the mean of the weeks before, in words: less is better. */
function against(weeks: readonly TrendWeek[]): string {
  const before = weeks.slice(0, -1);
  const last = weeks.at(-1);
  const mean = before.reduce((sum, week) => sum + week.per_person, 0) / Math.max(1, before.length);
  if (!last || mean === 0) return '';
  const change = Math.round((last.per_person / mean - 1) * 100);
  return change === 0
    ? w('trend_same')
    : w(change < 0 ? 'trend_less' : 'trend_more', { n: Math.abs(change) });
}

function Trend() {
  const loaded = useResource('trend', (signal) => getHusbandryTrend(kWeeks, signal));
  const weeks = loaded.data.value;
  return (
    <Panel
      title={w('trend')}
      class="week-by-week"
      aside={
        weeks && (
          <span class="muted">
            {against(weeks.items)} {w('trend_people', { n: weeks.people })}
          </span>
        )
      }
    >
      <Loaded of={loaded} rows={4}>
        {({ items }) => (
          <Grid
            label={w('trend')}
            columns={[
              w('week'),
              `#${w('per_person')}`,
              `#${w('fired')}`,
              `#${w('pages')}`,
              `#${w('acted_on')}`,
              `#${w('until_taken')}`,
              `#${w('until_over')}`,
            ]}
            empty={w('quiet_week')}
            rows={[...items].reverse().map((week) => (
              <tr key={week.from}>
                <th scope="row">
                  <Day time={week.from} />
                </th>
                <td class="num">{week.per_person.toFixed(1)}</td>
                <td class="num">{week.episodes}</td>
                <td class="num">{week.pages}</td>
                <td class="num">{week.episodes > 0 ? `${Math.round(week.acted_share * 100)} %` : '–'}</td>
                <td class="num">{orNone(week.median_seconds_until_taken)}</td>
                <td class="num">{orNone(week.median_seconds_until_over)}</td>
              </tr>
            ))}
          />
        )}
      </Loaded>
    </Panel>
  );
}

export function HusbandryPage() {
  const findings = useResource('findings', getFindings);
  const report = useResource('report', getWeeklyReport);
  const send = () => attempt(() => sendWeeklyReport(), w('done_editing'));
  return (
    <div class="page husbandry">
      <Title title={w('husbandry')} />
      <RuleTabs here="/rules/husbandry" />
      <Panel title={w('findings')} class="findings">
        <Loaded of={findings}>
          {(items) => (
            <Grid
              label={w('findings')}
              columns={[w('level'), t('rules'), t('what'), `#${w('pages_saved')}`, '']}
              empty={w('no_findings')}
              rows={items.map((one, index) => (
                <FindingRow
                  key={`${one.code} ${one.rule_id} ${index}`}
                  of={one}
                  changed={() => findings.reload()}
                />
              ))}
            />
          )}
        </Loaded>
      </Panel>
      <Trend />
      <Loaded of={report}>
        {(week) => (
          <>
            <h2>
              {w('week')} <Day time={week.from} /> – <Day time={week.to} />
            </h2>
            <p class="muted">{w('score_formula')}</p>
            {may('operator') && week.teams.length > 0 && (
              <p class="acts">
                <button type="button" class="send-report" onClick={() => void send()}>
                  {w('report_send')}
                </button>
              </p>
            )}
            {week.teams.length > 0 ? (
              week.teams.map((team) => <Team key={team.team} of={team} />)
            ) : (
              <p class="muted">{w('quiet_week')}</p>
            )}
          </>
        )}
      </Loaded>
    </div>
  );
}
