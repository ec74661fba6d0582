// What needs a human now? A flat sortable table; every filter is in the URL. Rows keep their places while the pointer or
// the focus is in the table: what is new waits behind a bar.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { getAlerts, type AlertQuery } from '../api/endpoints';
import type { Alert } from '../api/types';
import { mayRespond } from '../api/session';
import { moveFocus, useKeys } from '../live/keys';
import { overview } from '../live/overview';
import { navigate, query, withParams } from '../live/router';
import { onStream } from '../live/stream';
import { useResource } from '../live/use_resource';
import { act } from '../parts/act';
import { Icon } from '../parts/icon';
import { Mark, SeverityBadge } from '../parts/mark';
import { Empty, Failure, Skeleton } from '../parts/panel';
import { Text } from '../parts/text';
import { Age } from '../parts/when';
import { t, word, type MessageKey } from '../text/i18n';
import { folded, frozenRows, kSeverities, sortAlerts, type FoldedRow, type SortKey } from './alert_rows';
import { lazy } from './lazy';

const AlertBulk = lazy(() => import('./alert_bulk').then((part) => part.AlertBulk));

const kPageSize = 200;
const kStatuses = ['open', 'ack', 'closed'] as const;
const kDefaultStatuses: readonly string[] = ['open', 'ack'];
const kRowLink = '.alert-table tbody a.row-link';

const same = (a: readonly string[], b: readonly string[]): boolean =>
  [...a].sort().join() === [...b].sort().join();

function toggled(all: readonly string[], chosen: readonly string[], one: string): string[] {
  return all.filter((value) => (value === one) !== chosen.includes(value));
}

function Filters() {
  const params = query.value;
  const severities = params.getAll('severity');
  const statuses = params.getAll('status').length > 0 ? params.getAll('status') : kDefaultStatuses;
  const go = (changes: Record<string, string | readonly string[] | undefined>) =>
    navigate(withParams({ ...changes, page: undefined }), 'replace');
  const nodes = overview.value?.nodes ?? [];
  const hosts = nodes.map((node) => node.host);
  const services = [...new Set(nodes.flatMap((node) => node.services.map((one) => one.service)))].sort();
  const pick = (name: 'host' | 'service', values: readonly string[]) => {
    const chosen = params.get(name) ?? '';
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
  };
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
          {kStatuses.map((status) => (
            <label key={status} class="chip">
              <input
                type="checkbox"
                checked={statuses.includes(status)}
                onChange={() => {
                  const next = toggled(kStatuses, statuses, status);
                  go({ status: same(next, kDefaultStatuses) ? undefined : next });
                }}
              />
              {t(status)}
            </label>
          ))}
        </fieldset>
      </div>
      <div class="narrow">
        {pick('host', hosts)}
        {pick('service', services)}
        <Search value={params.get('q') ?? ''} set={(q) => go({ q })} />
      </div>
    </div>
  );
}

function Search({ value, set }: { value: string; set: (value: string) => void }) {
  const timer = useRef<ReturnType<typeof setTimeout>>();
  return (
    <label class="search">
      <Icon name="search" />
      <input
        type="search"
        id="alert-search"
        aria-label={t('search')}
        placeholder={t('search_hint')}
        defaultValue={value}
        onInput={(event) => {
          const text = event.currentTarget.value;
          clearTimeout(timer.current);
          timer.current = setTimeout(() => set(text), 250);
        }}
      />
    </label>
  );
}

const kColumns: readonly (readonly [SortKey, MessageKey])[] = [
  ['severity', 'severity'],
  ['text', 'what'],
  ['host', 'host'],
  ['service', 'service'],
  ['status', 'status'],
  ['times', 'times'],
  ['age', 'age'],
];

function HeadCell({ column, label, sort }: { column: SortKey; label: MessageKey; sort: string }) {
  const descending = sort === `-${column}`;
  const sorted = descending || sort === column;
  return (
    <th
      scope="col"
      class={`c-${column}`}
      aria-sort={sorted ? (descending ? 'descending' : 'ascending') : undefined}
    >
      <a
        href={withParams({ sort: sorted && !descending ? `-${column}` : column })}
        title={t('sort_by', { column: t(label) })}
      >
        {t(label)}
        <span class="arrow" aria-hidden="true">
          {sorted ? (descending ? '▾' : '▴') : ''}
        </span>
      </a>
    </th>
  );
}

interface RowProps {
  of: FoldedRow;
  chosen: boolean;
  open: boolean;
  choose: () => void;
  unfold: () => void;
}
function Row({ of, chosen, open, choose, unfold }: RowProps) {
  const { alert } = of;
  const href = `/alerts/${encodeURIComponent(alert.id)}`;
  return (
    <tr
      class={`s-${alert.status}${of.under ? ' under' : ''}`}
      data-id={alert.id}
      onClick={(event) => {
        const inside = (event.target as Element).closest('a, input, button, label');
        if (!inside && !String(getSelection())) navigate(href);
      }}
    >
      {mayRespond.value && (
        <td class="c-choose">
          <label>
            <input type="checkbox" aria-label={t('choose_row')} checked={chosen} onChange={choose} />
          </label>
        </td>
      )}
      <td class="c-severity">
        <SeverityBadge severity={alert.severity} />
      </td>
      <td class="c-text">
        <a class="row-link" href={href}>
          <Text value={alert.text} />
        </a>
        <small>
          <Text value={alert.event} />
        </small>
        {of.symptoms > 0 && (
          <button type="button" class="link fold" aria-expanded={open} onClick={unfold}>
            {t('symptoms_folded', { n: of.symptoms })}
          </button>
        )}
      </td>
      <td class="c-host">
        <a href={`/nodes/${encodeURIComponent(alert.host)}`}>
          <Text value={alert.host} />
        </a>
      </td>
      <td class="c-service">
        <Text value={alert.service.join(', ')} />
      </td>
      <td class="c-status">{word(alert.status)}</td>
      <td class="c-times">×{alert.duplicateCount + 1}</td>
      <td class="c-age">
        <Age time={alert.createTime} />
      </td>
    </tr>
  );
}

const without = (all: ReadonlySet<string>, one: string): Set<string> => {
  const next = new Set(all);
  if (!next.delete(one)) next.add(one);
  return next;
};

interface TableProps {
  alerts: readonly Alert[];
  total: number;
  asked: AlertQuery;
  changed: () => void;
}
function Table({ alerts, total, asked, changed }: TableProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const sort = query.value.get('sort') ?? 'severity';
  const sorted = useMemo(() => sortAlerts(alerts, sort), [alerts, sort]);
  const [held, setHeld] = useState(false);
  const shown = useRef<string[]>([]);
  const lastSort = useRef(sort);
  if (lastSort.current !== sort) shown.current = [];
  lastSort.current = sort;
  const { rows, waiting } = held ? frozenRows(shown.current, sorted) : { rows: sorted, waiting: 0 };
  shown.current = rows.map((row) => row.id);
  const apply = () => setHeld(false);
  const choose = (id: string) => setChosen(without(chosen, id));
  useKeys({
    '.': apply,
    j: () => moveFocus(kRowLink, 1),
    k: () => moveFocus(kRowLink, -1),
    a: () => {
      const id = document.activeElement?.closest('tr')?.dataset.id;
      if (id && mayRespond.value) void act(id, 'ack', '', () => undefined);
    },
    x: () => {
      const id = document.activeElement?.closest('tr')?.dataset.id;
      if (id && mayRespond.value) choose(id);
    },
  });
  return (
    <div
      class="panel alert-table"
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocusIn={() => setHeld(true)}
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setHeld(false);
      }}
    >
      {waiting > 0 && (
        <button type="button" class="new-rows" onClick={apply}>
          {t('new_rows', { n: waiting })}
        </button>
      )}
      {chosen.size > 0 && (
        <AlertBulk
          chosen={chosen}
          total={total}
          asked={asked}
          clear={() => setChosen(new Set())}
          changed={changed}
        />
      )}
      <table>
        <thead>
          <tr>
            {mayRespond.value && (
              <th scope="col" class="c-choose">
                <label>
                  <input
                    type="checkbox"
                    aria-label={t('choose_all')}
                    checked={rows.length > 0 && rows.every((row) => chosen.has(row.id))}
                    onChange={(event) =>
                      setChosen(new Set(event.currentTarget.checked ? rows.map((row) => row.id) : []))
                    }
                  />
                </label>
              </th>
            )}
            {kColumns.map(([column, label]) => (
              <HeadCell key={column} column={column} label={label} sort={sort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {folded(rows, unfolded).map((row) => (
            <Row
              key={row.alert.id}
              of={row}
              chosen={chosen.has(row.alert.id)}
              open={unfolded.has(row.alert.id)}
              choose={() => choose(row.alert.id)}
              unfold={() => setUnfolded(without(unfolded, row.alert.id))}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Pager({ total, page }: { total: number; page: number }) {
  if (total <= kPageSize && page === 1) return <p class="muted pager">{t('alerts_shown', { n: total })}</p>;
  const from = (page - 1) * kPageSize + 1;
  const to = Math.min(total, page * kPageSize);
  return (
    <p class="pager">
      {page > 1 && (
        <a href={withParams({ page: page > 2 ? String(page - 1) : undefined })}>{t('previous_page')}</a>
      )}
      <span class="muted">{t('alerts_part', { from, to, n: total })}</span>
      {to < total && <a href={withParams({ page: String(page + 1) })}>{t('next_page')}</a>}
    </p>
  );
}

function Nothing() {
  const filtered = [...query.value.keys()].some((key) => key !== 'sort');
  if (filtered)
    return (
      <Empty>
        {t('filtered_out')} <a href="/alerts">{t('clear_filters')}</a>
      </Empty>
    );
  const nodes = overview.value?.nodes ?? [];
  return (
    <Empty>
      <strong>{t('all_quiet')}</strong>{' '}
      {t('quiet_watched', {
        nodes: nodes.length,
        services: nodes.reduce((sum, node) => sum + node.services.length, 0),
      })}
    </Empty>
  );
}

export function AlertsPage() {
  const params = query.value;
  const page = Math.max(1, Number(params.get('page')) || 1);
  const asked = {
    status: params.getAll('status').length > 0 ? params.getAll('status') : kDefaultStatuses,
    severity: params.getAll('severity'),
    host: params.get('host') ?? '',
    service: params.get('service') ?? '',
    rule: params.get('rule') ?? '',
    q: params.get('q') ?? '',
    page,
    page_size: kPageSize,
  };
  const list = useResource(JSON.stringify(asked), (signal) => getAlerts(asked, signal));
  useEffect(
    () =>
      onStream((event) => {
        if (event.event === 'alert' || event.event === 'resync') list.reload();
      }),
    [list],
  );
  useKeys({ '/': () => document.getElementById('alert-search')?.focus() });
  const data = list.data.value;
  return (
    <div class="page alerts">
      <h1>{t('alerts')}</h1>
      <Filters />
      {list.error.value && <Failure error={list.error.value} retry={() => list.reload()} />}
      {data ? (
        data.items.length > 0 ? (
          <Table
            key={JSON.stringify(asked)}
            alerts={data.items}
            total={data.total}
            asked={asked}
            changed={() => list.reload()}
          />
        ) : (
          <Nothing />
        )
      ) : (
        !list.error.value && <Skeleton rows={8} />
      )}
      {data && data.items.length > 0 && <Pager total={data.total} page={page} />}
    </div>
  );
}
