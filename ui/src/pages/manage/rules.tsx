// Which rules are there, which are on, who owns them. The text filter and the choices are in the URL.
import '../../style/manage.css';
import { getRules, type Rule } from '../../api/manage';
import { may } from '../../api/session';
import { useKeys } from '../../live/keys';
import { navigate, query, withParams } from '../../live/router';
import { useResource } from '../../live/use_resource';
import { Grid, Loaded, Tabs, Title } from '../../parts/listing';
import { Text } from '../../parts/text';
import { t } from '../../text/i18n';
import { w, wordOf } from '../../text/lazy_words';

const kKinds = ['binary', 'tailable', 'gauge', 'event', 'group'] as const;

export function RuleTabs({ here }: { here: string }) {
  return (
    <Tabs
      label={t('rules')}
      here={here}
      tabs={[
        ['/rules', t('rules')],
        ['/rules/husbandry', w('husbandry')],
      ]}
    />
  );
}

export function fits(rule: Rule, text: string, kind: string, state: string): boolean {
  if (kind !== '' && rule.kind !== kind) return false;
  if (state === 'trial') {
    if (!rule.trial) return false;
  } else if (state !== '' && rule.enabled !== (state === 'on')) return false;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const inside = [rule.id, rule.event, rule.summary, rule.owner].join(' ').toLowerCase();
  return words.every((one) => inside.includes(one));
}

function Filters() {
  const params = query.value;
  const go = (changes: Record<string, string>) => navigate(withParams(changes), 'replace');
  return (
    <div class="bar">
      <input
        type="search"
        id="rule-search"
        class="grow"
        aria-label={t('search')}
        placeholder={w('rule_search_hint')}
        defaultValue={params.get('q') ?? ''}
        onInput={(event) => go({ q: event.currentTarget.value })}
      />
      <select
        aria-label={w('kind')}
        value={params.get('kind') ?? ''}
        onChange={(event) => go({ kind: event.currentTarget.value })}
      >
        <option value="">{w('any_kind')}</option>
        {kKinds.map((one) => (
          <option key={one} value={one}>
            {wordOf('rule_', one)}
          </option>
        ))}
      </select>
      <select
        aria-label={t('status')}
        value={params.get('state') ?? ''}
        onChange={(event) => go({ state: event.currentTarget.value })}
      >
        <option value="">{w('on_or_off')}</option>
        <option value="on">{w('on')}</option>
        <option value="off">{w('off')}</option>
        <option value="trial">{w('on_trial')}</option>
      </select>
    </div>
  );
}

function Row({ rule }: { rule: Rule }) {
  return (
    <tr class={rule.enabled ? '' : 'over'}>
      <th scope="row">
        <a href={`/rules/${encodeURIComponent(rule.id)}`}>
          <Text value={rule.id} />
        </a>
      </th>
      <td>{wordOf('rule_', rule.kind ?? '')}</td>
      <td>{wordOf('tier_', rule.tier ?? '')}</td>
      <td class="wide-cell">
        <Text value={rule.problem ? w('rule_problem', { why: rule.problem }) : (rule.summary ?? '')} />
      </td>
      <td>
        <Text value={rule.owner ?? ''} />
      </td>
      <td>{w(!rule.enabled ? 'off' : rule.trial ? 'on_trial' : 'on')}</td>
      <td>{w(rule.builtin ? 'builtin' : 'own')}</td>
    </tr>
  );
}

export function RulesPage() {
  const all = useResource('rules', getRules);
  const params = query.value;
  useKeys({ '/': () => document.getElementById('rule-search')?.focus() });
  return (
    <div class="page rules">
      <Title title={t('rules')}>
        {may('operator') && (
          <a class="button primary" href="/rules/new">
            {w('rule_new')}
          </a>
        )}
      </Title>
      <RuleTabs here="/rules" />
      <Filters />
      <Loaded of={all} rows={10}>
        {(rules) => {
          const shown = rules.filter((rule) =>
            fits(rule, params.get('q') ?? '', params.get('kind') ?? '', params.get('state') ?? ''),
          );
          return (
            <>
              <p class="muted" role="status">
                {w('rules_shown', { n: shown.length, all: rules.length })}
              </p>
              <Grid
                label={t('rules')}
                columns={[w('id'), w('kind'), w('tier'), w('summary'), t('owner'), t('status'), w('origin')]}
                empty={
                  <>
                    {w('no_rules')} <a href="/rules">{t('clear_filters')}</a>
                  </>
                }
                rows={shown.map((rule) => (
                  <Row key={rule.id} rule={rule} />
                ))}
              />
            </>
          );
        }}
      </Loaded>
    </div>
  );
}
