// What a stage of the language makes of the lines: counts, rates, patterns, as a table.
import { queryLogs } from '../../api/endpoints';
import { may } from '../../api/session';
import type { LogTable } from '../../api/types';
import { serverNow } from '../../live/clock';
import { withParams } from '../../live/router';
import { useResource } from '../../live/use_resource';
import { Mark, ofLog } from '../../parts/mark';
import { Failure, Panel, Skeleton } from '../../parts/panel';
import { fixedSpan, type Span } from '../../parts/range';
import { Text } from '../../parts/text';
import { At } from '../../parts/when';
import { t, word } from '../../text/i18n';
import { w, wordOf } from '../../text/lazy_words';
import { term, withTermToggled } from '../../text/log_query';
import { Nothing } from './log_nothing';
import { Change, Trend } from './pattern_trend';

const kTimes = new Set(['time', 'first', 'last']);
/** Columns that lead somewhere instead of being read. */
const kHidden = new Set(['template', 'template_id', 'example', 'severity', 'before']);
/** Columns that are fields of the language: their values can be searched for. */
const kFields = new Set(
  'host service source component severity request_id user project instance template'.split(' '),
);
const kPatterns = 'patterns';
const kWeek = 7 * 86_400_000;

type Row = LogTable['rows'][number];

/** The lines of a row: of its template, or with its value. */
function linesOf(columns: readonly string[], row: Row, search: string): string | null {
  const at = columns.findIndex((column) => column === 'template' || column === 'template_id');
  const [field, value] = at >= 0 ? ['template', row[at]] : [columns[0]!, row[0]];
  if (value === '' || value === undefined || !kFields.has(field)) return null;
  return withParams({ q: withTermToggled(search, term(field, String(value))), view: undefined });
}

/** What a pattern is known by in another answer. */
function keyOf(columns: readonly string[], row: Row): string {
  const at = columns.findIndex((column) => column === 'template' || column === 'template_id');
  return String(row[at < 0 ? 0 : at] ?? '');
}

/** Never seen in the week before: what it says, and the way to a rule that watches it. */
function NewPattern({ pattern }: { pattern: string }) {
  return (
    <>
      <b class="fresh">{w('pattern_new')}</b>{' '}
      {may('operator') && (
        <a class="to-rule" href={`/rules/new?pattern=${encodeURIComponent(pattern)}`}>
          {w('pattern_rule')}
        </a>
      )}
    </>
  );
}

interface CellsProps {
  columns: readonly string[];
  row: Row;
  search: string;
  fresh: boolean;
}
function Cells({ columns, row, search, fresh }: CellsProps) {
  const href = linesOf(columns, row, search);
  const severity = columns.length > 2 ? row[columns.indexOf('severity')] : undefined;
  return (
    <tr>
      {columns.map((column, index) => {
        const value = row[index] ?? '';
        if (columns.length > 2 && kHidden.has(column)) return null;
        if (Array.isArray(value))
          return (
            <td>
              <Trend counts={value} />
            </td>
          );
        if (column === 'change')
          return (
            <td>
              {value !== '' && (
                <Change change={String(value)} before={Number(row[columns.indexOf('before')])} />
              )}
            </td>
          );
        if (typeof value === 'number')
          return <td class="num">{value.toLocaleString(undefined, { maximumFractionDigits: 3 })}</td>;
        if (kTimes.has(column))
          return (
            <td class="when">
              <At time={value} />
            </td>
          );
        const text = value === '' ? t('facet_none') : <Text value={value} />;
        return (
          <td class="value">
            {index === 0 && severity !== undefined && <Mark kind={ofLog(String(severity)).mark} />}{' '}
            {index === 0 && href ? <a href={href}>{text}</a> : text}{' '}
            {index === 0 && fresh && <NewPattern pattern={String(value)} />}
          </td>
        );
      })}
    </tr>
  );
}

interface TableProps {
  table: LogTable;
  search: string;
  /** Keys of the patterns of the week before; null: that is not asked. */
  before: ReadonlySet<string> | null;
}
function Table({ table, search, before }: TableProps) {
  const { columns, rows } = table;
  const shown = columns.filter((column) => columns.length <= 2 || !kHidden.has(column));
  return (
    <div class="scroll-x" tabIndex={0} role="region" aria-label={t('log_table')}>
      <table class="log-table">
        <thead>
          <tr>
            {shown.map((column) => (
              <th
                key={column}
                scope="col"
                class={typeof rows[0]?.[columns.indexOf(column)] === 'number' ? 'num' : ''}
              >
                <Text value={columns.includes('trend') ? wordOf('column_', column) : word(column)} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <Cells
              key={index}
              columns={columns}
              row={row}
              search={search}
              fresh={before !== null && !before.has(keyOf(columns, row))}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The patterns of the week before the span; null while they are not known, and where there was no line at all. */
function usePatternsBefore(search: string, stage: string, span: Span): ReadonlySet<string> | null {
  const q = `${search} | top 500 template`;
  const loaded = useResource(JSON.stringify(['before', q, span]), async (signal) => {
    if (stage !== kPatterns) return null;
    const end = Date.parse(fixedSpan(span, serverNow()).from) - 1;
    const week = { from: new Date(end - kWeek).toISOString(), to: new Date(end).toISOString() };
    const { columns, rows } = await queryLogs({ q, ...week }, signal);
    return rows.length > 0 ? new Set(rows.map((row) => keyOf(columns, row))) : null;
  });
  return loaded.data.value;
}

/** What the table does not say of itself. */
function Left({ trend }: { trend: NonNullable<LogTable['trend']> }) {
  return (
    <>
      {trend.before_from === null && <p class="muted left">{w('patterns_alone')}</p>}
      {trend.left_out > 0 && <p class="muted left">{w('patterns_left_out', { n: trend.left_out })}</p>}
    </>
  );
}

export function StageTable({ search, stage, span }: { search: string; stage: string; span: Span }) {
  const q = `${search} | ${stage}`;
  const loaded = useResource(JSON.stringify([q, span]), (signal) => queryLogs({ q, ...span }, signal));
  const before = usePatternsBefore(search, stage, span);
  const table = loaded.data.value;
  return (
    <Panel
      title={stage === kPatterns ? t('patterns') : t('log_table')}
      aside={<code class="muted">| {stage}</code>}
    >
      {table ? (
        table.rows.length > 0 ? (
          <>
            <Table table={table} search={search} before={before} />
            {table.trend && <Left trend={table.trend} />}
          </>
        ) : (
          <Nothing search={search} span={span} />
        )
      ) : loaded.error.value ? (
        <Failure error={loaded.error.value} retry={() => loaded.reload()} />
      ) : (
        <Skeleton rows={8} />
      )}
    </Panel>
  );
}
