// One rule: its text with what the check says of it as it is typed, how it stands now, what it would have said, and what
// may be done with it. /rules/new is a rule that is not there yet.
import { useEffect, useState } from 'preact/hooks';
import '../../style/manage.css';
import {
  changeRule,
  checkRule,
  getRule,
  getRuleInstances,
  makeRule,
  removeRule,
  type Finding,
  type Rule,
} from '../../api/manage';
import { may } from '../../api/session';
import { navigate, query } from '../../live/router';
import { say } from '../../live/notice';
import { useResource } from '../../live/use_resource';
import { attempt, reason } from '../../parts/attempt';
import { Confirm } from '../../parts/form';
import { Icon } from '../../parts/icon';
import { Grid, Loaded, Title } from '../../parts/listing';
import { Mark } from '../../parts/mark';
import { Panel } from '../../parts/panel';
import { Text } from '../../parts/text';
import { Age, At } from '../../parts/when';
import { t } from '../../text/i18n';
import { w, wordOf } from '../../text/lazy_words';
import { BacktestPanel } from './rule_backtest';
import { RuleTrial } from './rule_trial';
import { RuleVersions } from './rule_versions';

const kNew = `id: my-rule
kind: gauge
event: MyEvent
summary: what it means
tier: ticket
owner: me
impact: what users notice
expr: avg(host_cpu_used_ratio[5m])
by: [host]
for: 10m
levels:
  warning: {set: "> 90%", clear: "< 80%"}
playbook: |
  What to look at first, and what to do.
`;

/** A pattern's text as RE2: its places for numbers, ids and names hold anything. */
export const patternAsRegex = (pattern: string): string =>
  pattern.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&').replace(/<[^<>\s]{1,30}>/g, '.*');

const newFromPattern = (pattern: string): string => `id: my-lines
kind: tailable
event: MyLines
summary: what these lines mean
tier: ticket
owner: me
impact: what users notice
match: {pattern: ${JSON.stringify(patternAsRegex(pattern))}}
count: {n: 1, window: 5m}
by: [host, service]
playbook: |
  What to look at first, and what to do.
`;

/** The threshold is for its maker to think of. */
const newFromExpression = (promql: string): string => `id: my-rule
kind: gauge
event: MyEvent
summary: what it means
tier: ticket
owner: me
impact: what users notice
promql: ${JSON.stringify(promql.replace(/\s+/g, ' ').trim())}
for: 10m
levels:
  warning: {set: "> 0"}
playbook: |
  What to look at first, and what to do.
`;

type Checked = { findings: Finding[] } | { problem: string } | null;

/** What the server says of the text, a moment after it was last changed. */
function useCheck(text: string): Checked {
  const [said, setSaid] = useState<Checked>(null);
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      checkRule(text, abort.signal).then(setSaid, (error: unknown) => {
        if (!abort.signal.aborted) setSaid({ problem: reason(error) });
      });
    }, 400);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text]);
  return said;
}

export function FindingMark({ level }: { level: Finding['level'] }) {
  const kind = level === 'error' ? 'critical' : level === 'warning' ? 'warning' : 'informational';
  return <Mark kind={kind} label={wordOf('level_', level)} />;
}

function Check({ said }: { said: Checked }) {
  return (
    <div class="check-result" role="status" aria-label={w('check')}>
      {said === null ? (
        <p class="muted">{w('checking')}</p>
      ) : 'problem' in said ? (
        <p class="problem">
          <Mark kind="critical" /> <Text value={said.problem} />
        </p>
      ) : said.findings.length === 0 ? (
        <p class="good">
          <Mark kind="normal" /> {w('check_good')}
        </p>
      ) : (
        <ul>
          {said.findings.map((one) => (
            <li key={one.code + one.text}>
              <FindingMark level={one.level} /> <b>{one.code}</b> <Text value={one.text} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Instances({ id }: { id: string }) {
  const loaded = useResource(id, (signal) => getRuleInstances(id, signal));
  return (
    <Panel
      title={w('stands')}
      aside={
        <button type="button" onClick={() => loaded.reload()}>
          {w('refresh')}
        </button>
      }
    >
      <Loaded of={loaded}>
        {({ items }) => (
          <Grid
            label={w('stands')}
            columns={[t('status'), t('host'), t('service'), t('value'), t('since')]}
            empty={w('no_instances')}
            rows={items.map((one) => (
              <tr key={one.resource + one.host + one.service}>
                <td>
                  {one.state === 'firing' && <Mark kind={one.severity} />} {wordOf('instance_', one.state)}
                </td>
                <td>
                  <Text value={one.host} />
                </td>
                <td>
                  <Text value={one.service} />
                </td>
                <td class="wide-cell">
                  <Text value={one.value} />
                </td>
                <td>
                  <Age time={one.since} />
                </td>
              </tr>
            ))}
          />
        )}
      </Loaded>
    </Panel>
  );
}

interface EditorProps {
  /** null: a new one. */
  rule: Rule | null;
  changed: (rule: Rule) => void;
}
function Editor({ rule, changed }: EditorProps) {
  const [text, setText] = useState(() => {
    const [pattern, promql] = [query.peek().get('pattern'), query.peek().get('promql')];
    if (rule?.yaml) return rule.yaml;
    return pattern ? newFromPattern(pattern) : promql ? newFromExpression(promql) : kNew;
  });
  const [problem, setProblem] = useState('');
  const [removing, setRemoving] = useState(false);
  const said = useCheck(text);
  const mayEdit = may('operator');
  const save = async () => {
    setProblem('');
    try {
      const saved = rule ? await changeRule(rule, text) : await makeRule(text);
      const past = saved.backtest?.result;
      const difference =
        past?.only_new === undefined
          ? ''
          : w('difference', { fresh: past.only_new, old: past.only_old ?? 0 });
      say(`${w('rule_saved')} ${difference}`);
      changed(saved);
    } catch (error) {
      setProblem(reason(error));
    }
  };
  const toggle = async () => {
    if (!rule) return;
    const next = await attempt(
      () => changeRule(rule, rule.yaml, !rule.enabled),
      w(rule.enabled ? 'rule_is_off' : 'rule_is_on'),
    );
    if (next) changed(next);
  };
  return (
    <>
      <Panel title={w('rule_text')} class="rule-editor">
        <textarea
          aria-label={w('rule_text')}
          rows={Math.min(32, Math.max(12, text.split('\n').length + 1))}
          spellcheck={false}
          readOnly={!mayEdit}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <Check said={said} />
        {problem && (
          <p class="problem pad" role="alert">
            <Text value={problem} />
          </p>
        )}
        {mayEdit && (
          <div class="form-end pad">
            {rule && !rule.builtin && (
              <button type="button" onClick={() => setRemoving(true)}>
                {w('remove')}
              </button>
            )}
            {rule && (
              <button type="button" onClick={() => void toggle()}>
                {w(rule.enabled ? 'switch_off' : 'switch_on')}
              </button>
            )}
            <button
              type="button"
              class="primary"
              disabled={rule !== null && text === rule.yaml}
              onClick={() => void save()}
            >
              {t('save')}
            </button>
          </div>
        )}
      </Panel>
      {mayEdit && <BacktestPanel text={() => text} id={rule?.id ?? ''} />}
      {removing && rule && (
        <Confirm
          title={w('rule_remove')}
          text={w('rule_remove_text', { id: rule.id })}
          submit={w('remove')}
          close={() => setRemoving(false)}
          run={async () => {
            await removeRule(rule.id);
            say(w('rule_removed'));
            navigate('/rules');
          }}
        />
      )}
    </>
  );
}

function Stored({ id }: { id: string }) {
  const loaded = useResource(id, (signal) => getRule(id, signal));
  return (
    <Loaded of={loaded} rows={10}>
      {(rule) => (
        <>
          <p class="facts">
            <span class={`tag ${rule.enabled ? 'q-active' : ''}`}>{w(rule.enabled ? 'on' : 'off')}</span>
            <span>{wordOf('rule_', rule.kind ?? '')}</span>
            <span>{w(rule.builtin ? 'builtin' : 'own')}</span>
            <span>
              {w('version', { n: rule.version })} <At time={rule.updated} />{' '}
              {rule.updated_by && <Text value={rule.updated_by} />}
            </span>
            <a href={`/alerts?rule=${encodeURIComponent(rule.id)}&status=open&status=ack&status=closed`}>
              {w('its_alerts')}
            </a>
          </p>
          <RuleTrial
            rule={rule}
            changed={(next) => {
              loaded.data.value = next;
            }}
          />
          <Editor
            key={`${rule.id} ${rule.version} ${rule.enabled}`}
            rule={rule}
            changed={(next) => {
              loaded.data.value = next;
            }}
          />
          {rule.enabled && rule.kind !== 'group' && <Instances id={id} />}
          <RuleVersions
            rule={rule}
            changed={(next) => {
              loaded.data.value = next;
            }}
          />
        </>
      )}
    </Loaded>
  );
}

export function RulePage({ id }: { id: string }) {
  return (
    <div class="page rule">
      <a class="back" href="/rules">
        <Icon name="back" />
        {t('rules')}
      </a>
      <Title title={id === 'new' ? w('rule_new') : id} />
      {id === 'new' ? (
        <Editor rule={null} changed={(rule) => navigate(`/rules/${encodeURIComponent(rule.id)}`)} />
      ) : (
        <Stored id={id} />
      )}
    </div>
  );
}
