// What needs a human now? A flat sortable table; every filter is in the URL. Only the rows on the screen are in the page, and
// only those near it were fetched. Rows keep their places while the pointer or the focus is in the table: what is new waits
// behind a bar.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import '../../style/manage.css';
import { getAlertRows, type AlertRowQuery } from '../../api/endpoints';
import { mayRespond } from '../../api/session';
import type { Alert, AlertRow, ChangeEvent } from '../../api/types';
import { useKeys } from '../../live/keys';
import { cloud } from '../../live/overview';
import { navigate, query, withParams } from '../../live/router';
import { kRowsOfPage, RowWindows } from '../../live/row_windows';
import { onStream, type StreamEvent } from '../../live/stream';
import { rowHeights } from '../../live/theme';
import { useGrid } from '../../live/use_grid';
import { useVirtual } from '../../live/use_virtual';
import { useWhole } from '../../live/use_whole';
import { act, mayAssign } from '../../parts/act';
import { Find } from '../../parts/find';
import { Empty, Failure, Skeleton } from '../../parts/panel';
import { Quiet } from '../../parts/quiet';
import { spanOf } from '../../parts/range';
import { t } from '../../text/i18n';
import { AlertBulk } from './alert_bulk';
import { Filters, statusesOf } from './alert_filters';
import { AlertStrip, isSpanned } from './alert_strip';
import { MutedBar, useMutedEnd, type Muted } from './alert_muted';
import { take } from './alert_owner';
import { AlertTableRow, statusWord, WaitingRow, type RowActs } from './alert_row';
import { useReturn } from './alerts_left';
import {
  columnsOf,
  kColumns,
  placeOfRow,
  rowAtPlace,
  sortOf,
  type Column,
  type Unfolded,
} from './alert_rows';

/** What sticks at the top of the page: the bar and the head of the table. */
const kCovered = 78;
const kMostSymptoms = 1000;

function HeadCell({ column, sort }: { column: Column; sort: string }) {
  const { label, sorts } = kColumns.find(({ key }) => key === column)!;
  if (!sorts)
    return (
      <th scope="col" class={`c-${column}`}>
        {t(label)}
      </th>
    );
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

/** What the row of an alert says, for the search in the list. */
const said = (alert: AlertRow): string => {
  const { severity, text, event, host, service, environment, ruleId, owner } = alert;
  return [t(severity), text, event, host, ...service, environment, ruleId, statusWord(alert), owner].join(
    '\n',
  );
};

const without = (all: ReadonlySet<string>, one: string): Set<string> => {
  const next = new Set(all);
  if (!next.delete(one)) next.add(one);
  return next;
};

/** A silence may have been set or ended by somebody. */
const isArranged = (event: StreamEvent): boolean =>
  event.event === 'change' && String((event.data as ChangeEvent).type).startsWith('audit.');

/** Rows of the server, symptoms that were unfolded among them, kept fresh while nobody's hand is on them. */
function useRows(asked: AlertRowQuery, sort: string) {
  const [muted, setMuted] = useState<Muted | null>(null);
  const windows = useMemo(
    () =>
      new RowWindows<AlertRow>(async (page, signal) => {
        const rows = await getAlertRows({ ...asked, sort, folded: 1, page, page_size: kRowsOfPage }, signal);
        if (rows.muted !== undefined) setMuted({ n: rows.muted, until: rows.muted_until ?? null });
        return rows;
      }),
    [],
  );
  const [symptoms, setSymptoms] = useState<ReadonlyMap<string, readonly AlertRow[]>>(new Map());
  const [held, setHeld] = useState(false);
  const [waiting, setWaiting] = useState(0);
  const isHeld = useRef(false);
  isHeld.current = held;
  useEffect(() => () => windows.dispose(), [windows]);
  useEffect(
    () =>
      onStream((event) => {
        if (event.event === 'resync' || isArranged(event) || (event.event === 'alert' && !isHeld.current))
          windows.refresh();
        else if (event.event === 'alert') {
          const { id, severity, status, alarmState, text, owner, duplicateCount, lastReceiveTime } =
            event.data as Alert;
          const news = { severity, status, text, owner, duplicateCount, lastReceiveTime };
          if (!windows.patch(id, alarmState ? { ...news, alarmState } : news))
            if ((event.data as { transition?: string }).transition === 'opened') setWaiting((n) => n + 1);
        }
      }),
    [windows],
  );
  useMutedEnd(muted, () => windows.refresh());
  const release = () => {
    setHeld(false);
    setWaiting(0);
    windows.refresh();
  };
  const unfold = (id: string) => {
    const next = new Map(symptoms);
    if (next.delete(id)) return setSymptoms(next);
    void getAlertRows({ ...asked, cause: id, page: 1, page_size: kMostSymptoms }).then(
      ({ items }) => setSymptoms((before) => new Map(before).set(id, items)),
      () => undefined,
    );
  };
  windows.version.value; // rows are drawn anew when they are others
  const unfolded: Unfolded[] = [...symptoms]
    .map(([id, rows]) => ({ at: windows.indexOf(id), rows }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  const hold = () => setHeld(true);
  return { windows, unfolded, symptoms, unfold, hold, release, waiting, muted };
}

interface TableProps {
  asked: AlertRowQuery;
  sort: string;
  columns: readonly Column[];
}
function Table({ asked, sort, columns }: TableProps) {
  const { windows, unfolded, symptoms, unfold, hold, release, waiting, muted } = useRows(asked, sort);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const body = useRef<HTMLTableSectionElement>(null);
  const table = useRef<HTMLTableElement>(null);
  const total = windows.total.value;
  const all = (total ?? 0) + unfolded.reduce((sum, { rows }) => sum + rows.length, 0);
  const count = Math.min(all, useWhole(body, rowHeights.value.table));
  const rows = useVirtual(
    body,
    { count, row: rowHeights.value.table, open: null },
    { own: false, covered: kCovered },
  );
  const placeOf = (id: string) => placeOfRow(unfolded, windows.indexOf(id), id);
  const grid = useGrid(table, {
    count,
    rows,
    controls: 'tr :is(a, button, input)',
    main: 'a.row-link',
    placeOf,
    whole: windows.whole(),
  });
  const at = (place: number) => {
    const { index, symptom } = rowAtPlace(unfolded, place);
    return { under: symptom !== null, alert: symptom ?? windows.row(index) };
  };
  useEffect(() => {
    windows.need(rowAtPlace(unfolded, rows.first).index, rowAtPlace(unfolded, rows.last).index + 1);
  }, [rows.first, rows.last, unfolded.length]);
  useReturn({ windows, unfolded, focus: grid.go });

  const places = Array.from({ length: rows.last - rows.first }, (_, i) => rows.first + i);
  /** The row that was chosen last by itself: a range begins there. A press on a checkbox has moved the focus already. */
  const anchor = useRef('');
  const range = (id: string): string[] => {
    const to = placeOf(id);
    const from = anchor.current ? placeOf(anchor.current) : -1;
    const begin = from >= 0 ? from : grid.place();
    const [first, end] = [Math.min(begin, to), Math.max(begin, to)];
    const ids = Array.from({ length: end - first + 1 }, (_, i) => at(first + i).alert?.id);
    return ids.filter((one): one is string => one !== undefined);
  };
  const acts = useRef<RowActs>({ choose: () => undefined, unfold: () => undefined });
  const latest = useRef({ range, unfold });
  latest.current = { range, unfold };
  acts.current = useMemo(
    () => ({
      choose: (id, many) => {
        if (!many) anchor.current = id;
        const ids = many ? latest.current.range(id) : [];
        setChosen((before) => (many ? new Set([...before, ...ids]) : without(before, id)));
      },
      unfold: (id) => latest.current.unfold(id),
    }),
    [],
  );
  const focused = () => (document.activeElement?.closest('tr[data-id]') as HTMLElement | null)?.dataset;
  useKeys({
    '.': release,
    j: () => grid.step(1),
    k: () => grid.step(-1),
    ArrowDown: () => grid.step(1),
    ArrowUp: () => grid.step(-1),
    a: () => {
      const id = focused()?.id;
      if (id && mayRespond.value)
        void act(
          id,
          'ack',
          '',
          ({ status, alarmState }) => void windows.patch(id, { status, ...(alarmState && { alarmState }) }),
        );
    },
    m: () => {
      const place = focused()?.place;
      const alert = place === undefined ? null : at(Number(place)).alert;
      if (alert && mayRespond.value && mayAssign(alert))
        take(alert, ({ id, owner }) => void windows.patch(id, { owner }));
    },
    e: () => {
      const id = focused()?.id;
      if (id) unfold(id);
    },
    d: () => {
      const id = focused()?.id;
      if (id) navigate(`/alerts/${id}`);
    },
    x: () => {
      const id = focused()?.id;
      if (id && mayRespond.value) acts.current.choose(id, false);
    },
  });
  const chooseAll = (yes: boolean) => setChosen(new Set(yes ? windows.loaded().map((row) => row.id) : []));
  if (windows.error.value && total === null)
    return <Failure error={windows.error.value} retry={() => windows.refresh()} />;
  const bar = <MutedBar muted={muted} only={asked.muted === 'only'} />;
  if (total === 0)
    return (
      <>
        {bar}
        <Nothing />
      </>
    );
  return (
    <>
      {bar}
      {windows.error.value && <Failure error={windows.error.value} retry={() => windows.refresh()} />}
      <Find
        list={table}
        rows={() =>
          Array.from({ length: count }, (_, place) => ({ place, alert: at(place).alert })).flatMap(
            ({ place, alert }) => (alert ? { place, id: alert.id, text: said(alert) } : []),
          )
        }
        version={`${windows.version.value} ${count}`}
        total={all}
        seen={() => rows.seen().first}
        show={(place) => rows.show(place, 'middle')}
        go={grid.go}
        everywhere={(q) => withParams({ q })}
      />
      <div
        class="panel alert-table"
        onMouseEnter={hold}
        onMouseLeave={(event) => {
          // Also when the page moves away under a hand that rests; whoever works with the keys is still there.
          if (!event.currentTarget.contains(document.activeElement)) release();
        }}
        onFocusIn={hold}
        onKeyDown={(event) => {
          if (event.key !== 'a' || !(event.ctrlKey || event.metaKey) || !mayRespond.value) return;
          // The dialogs of what is done to many are in here too, with text of their own to be marked.
          if (!table.current?.contains(event.target as Node)) return;
          event.preventDefault();
          chooseAll(true);
        }}
        onFocusOut={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget as Node | null)) release();
        }}
      >
        {waiting > 0 && (
          <button type="button" class="new-rows" onClick={release}>
            {t('new_rows', { n: waiting })}
          </button>
        )}
        {chosen.size > 0 && (
          <AlertBulk
            chosen={chosen}
            rows={[...windows.loaded(), ...unfolded.flatMap((one) => one.rows)]}
            total={windows.matching.value}
            asked={asked}
            clear={() => setChosen(new Set())}
            changed={() => windows.refresh()}
          />
        )}
        <table
          ref={table}
          aria-label={t('alerts')}
          aria-rowcount={total === null ? -1 : all + 1}
          {...grid.props}
        >
          <thead>
            <tr data-place="-1" aria-rowindex={1}>
              {mayRespond.value && (
                <th scope="col" class="c-choose">
                  <label>
                    <input
                      type="checkbox"
                      aria-label={t('choose_all')}
                      checked={chosen.size > 0 && windows.loaded().every((row) => chosen.has(row.id))}
                      onChange={(event) => chooseAll(event.currentTarget.checked)}
                    />
                  </label>
                </th>
              )}
              {columns.map((column) => (
                <HeadCell key={column} column={column} sort={sort} />
              ))}
            </tr>
          </thead>
          <tbody ref={body} style={{ '--before': `${rows.before}px`, '--after': `${rows.after}px` }}>
            {places.map((place) => {
              const { alert, under } = at(place);
              return alert ? (
                <AlertTableRow
                  key={alert.id}
                  alert={alert}
                  columns={columns}
                  place={place}
                  under={under}
                  chosen={chosen.has(alert.id)}
                  open={symptoms.has(alert.id)}
                  acts={acts.current}
                />
              ) : (
                <WaitingRow key={place} place={place} wide={columns.length + 1} />
              );
            })}
          </tbody>
        </table>
        {total === null && <Skeleton rows={8} />}
      </div>
      {total !== null && <p class="muted pager">{t('alerts_shown', { n: windows.matching.value })}</p>}
    </>
  );
}

function Nothing() {
  const filtered = [...query.value.keys()].some(
    (key) => !['sort', 'muted', 'cloud', 'cols', 'tz'].includes(key),
  );
  if (filtered)
    return (
      <Empty>
        {t('filtered_out')} <a href="/alerts">{t('clear_filters')}</a>
      </Empty>
    );
  return <Quiet />;
}

/** In the URL: nothing = what is hidden is not listed; "all" = like any other; "only" = alone. */
const mutedOf = (text: string | null) => (text === 'all' ? undefined : text === 'only' ? 'only' : 'hide');

export function AlertsPage() {
  const params = query.value;
  const asked: AlertRowQuery = {
    status: statusesOf(params),
    ...(isSpanned() ? spanOf('24h') : {}),
    environment: cloud.value,
    severity: params.getAll('severity'),
    host: params.get('host') ?? '',
    service: params.get('service') ?? '',
    rule: params.get('rule') ?? '',
    owner: params.get('owner') ?? '',
    q: params.get('q') ?? '',
    muted: mutedOf(params.get('muted')),
  };
  const sort = sortOf(params.get('sort'));
  const cols = params.get('cols');
  const columns = useMemo(() => columnsOf(cols), [cols]);
  useKeys({ '/': () => document.getElementById('alert-search')?.focus() });
  return (
    <div class="page alerts">
      <h1>{t('alerts')}</h1>
      <Filters />
      <AlertStrip asked={asked} />
      <Table key={JSON.stringify([asked, sort])} asked={asked} sort={sort} columns={columns} />
    </div>
  );
}
