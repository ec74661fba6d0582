// Which alerts are shown: every filter is in the URL. Filters that are kept are panels of one's boards.
import { useEffect, useRef } from 'preact/hooks';
import { getBoards } from '../../api/manage';
import { overview } from '../../live/overview';
import { navigate, query, withParams } from '../../live/router';
import { useResource } from '../../live/use_resource';
import { Icon } from '../../parts/icon';
import { Mark } from '../../parts/mark';
import { ToBoard } from '../../parts/to_board';
import { t, word } from '../../text/i18n';
import { w } from '../../text/lazy_words';
import { ColumnPick } from './alert_columns';
import { OwnerPick } from './alert_owner';
import { kSeverities } from './alert_rows';

const kStatuses = ['open', 'assign', 'ack', 'shelved', 'blackout', 'closed'] as const;
/** Of alarms that are over and wait for somebody to take note: the server knows of them under the model of ISA 18.2 only. */
const kReturned = 'RTNUN';
const kDefaultStatuses: readonly string[] = ['open', 'ack', kReturned];
/** Of a span of time, what has ended counts as well. */
const kStatusesOfSpan: readonly string[] = kStatuses;

export const usualStatuses = (params: URLSearchParams): readonly string[] =>
  params.has('from') || params.has('range') ? kStatusesOfSpan : kDefaultStatuses;
export const statusesOf = (params: URLSearchParams): readonly string[] =>
  params.getAll('status').length > 0 ? params.getAll('status') : usualStatuses(params);

/** What of the URL a kept filter is made of. */
const kKept = [
  'status',
  'severity',
  'host',
  'service',
  'rule',
  'q',
  'sort',
  'owner',
  'muted',
  'range',
  'cols',
];

const same = (a: readonly string[], b: readonly string[]): boolean =>
  [...a].sort().join() === [...b].sort().join();

function toggled(all: readonly string[], chosen: readonly string[], one: string): string[] {
  return all.filter((value) => (value === one) !== chosen.includes(value));
}

const go = (changes: Record<string, string | readonly string[] | undefined>) =>
  navigate(withParams(changes), 'replace');

function Search({ value }: { value: string }) {
  const box = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => {
    // Not under the hands of who types on.
    if (timer.current === undefined) box.current!.value = value;
  }, [value]);
  return (
    <label class="search">
      <Icon name="search" />
      <input
        ref={box}
        type="search"
        id="alert-search"
        aria-label={t('search')}
        placeholder={t('search_hint')}
        onInput={(event) => {
          const text = event.currentTarget.value;
          clearTimeout(timer.current);
          timer.current = setTimeout(() => {
            timer.current = undefined;
            go({ q: text });
          }, 250);
        }}
      />
    </label>
  );
}

function Pick({ name, values }: { name: 'host' | 'service'; values: readonly string[] }) {
  const chosen = query.value.get(name) ?? '';
  return (
    <label class="pick">
      <span>{t(name)}</span>
      <select value={chosen} onChange={(event) => go({ [name]: event.currentTarget.value })}>
        <option value="">{t('any')}</option>
        {(values.includes(chosen) || chosen === '' ? values : [chosen, ...values]).map((value) => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
}

function filterOfUrl(): string {
  const kept = [...query.value].filter(([name]) => kKept.includes(name));
  const params = new URLSearchParams(kept);
  params.sort();
  return params.toString();
}

function Views() {
  const boards = useResource('views', getBoards);
  const views = (boards.data.value ?? []).flatMap((board) =>
    board.body.panels.filter((panel) => panel.kind === 'alerts').map((panel) => ({ board, panel })),
  );
  const here = filterOfUrl();
  return (
    <>
      {views.length > 0 && (
        <label class="pick views-pick">
          <span>{w('views')}</span>
          <select
            value={views.findIndex(({ panel }) => panel.query === here)}
            onChange={(event) => {
              const view = views[Number(event.currentTarget.value)];
              navigate(view?.panel.query ? `/alerts?${view.panel.query}` : '/alerts');
            }}
          >
            <option value={-1}>{w('views_none')}</option>
            {views.map(({ board, panel }, index) => (
              <option key={index} value={index}>
                {panel.title || board.name}
              </option>
            ))}
          </select>
        </label>
      )}
      <ToBoard
        label={w('view_save')}
        panel={{ kind: 'alerts', query: here, title: query.value.get('q') ?? '' }}
      />
    </>
  );
}

export function Filters() {
  const params = query.value;
  const severities = params.getAll('severity');
  const choices: readonly string[] =
    overview.value?.counts.returned === undefined ? kStatuses : [...kStatuses, kReturned];
  const offered = (all: readonly string[]) => all.filter((one) => choices.includes(one));
  const statuses = offered(statusesOf(params));
  const nodes = overview.value?.nodes ?? [];
  const hosts = nodes.map((node) => node.host);
  const services = [...new Set(nodes.flatMap((node) => node.services.map((one) => one.service)))].sort();
  return (
    <div class="filters">
      <div class="choices">
        <fieldset>
          <legend>{t('severity')}</legend>
          {kSeverities.map((severity) => (
            <label key={severity} class="chip">
              <input
                type="checkbox"
                checked={severities.includes(severity)}
                onChange={() => go({ severity: toggled(kSeverities, severities, severity) })}
              />
              <Mark kind={severity} />
              {t(severity)}
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend>{t('status')}</legend>
          {choices.map((status) => (
            <label key={status} class="chip">
              <input
                type="checkbox"
                checked={statuses.includes(status)}
                onChange={() => {
                  const next = toggled(choices, statuses, status);
                  go({ status: same(next, offered(usualStatuses(params))) ? undefined : next });
                }}
              />
              {status === kReturned ? w('returned') : word(status)}
            </label>
          ))}
          <label class="chip">
            <input
              type="checkbox"
              checked={params.get('muted') === 'all'}
              onChange={(event) => go({ muted: event.currentTarget.checked ? 'all' : undefined })}
            />
            {w('muted_too')}
          </label>
        </fieldset>
      </div>
      <div class="narrow">
        <Pick name="host" values={hosts} />
        <Pick name="service" values={services} />
        <OwnerPick />
        <Search value={params.get('q') ?? ''} />
        <Views />
        <ColumnPick />
      </div>
    </div>
  );
}
