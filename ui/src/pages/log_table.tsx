// What a stage of the language makes of the lines: counts, rates, patterns, as a table.
import { queryLogs } from '../api/endpoints';
import type { LogTable } from '../api/types';
import { withParams } from '../live/router';
import { useResource } from '../live/use_resource';
import { Mark, ofLog } from '../parts/mark';
import { Empty, Failure, Panel, Skeleton } from '../parts/panel';
import type { Span } from '../parts/range';
import { Text } from '../parts/text';
import { At } from '../parts/when';
import { t, word } from '../text/i18n';
import { term, withTermToggled } from './log_query';

const kTimes = new Set(['time', 'first', 'last']);
/** Columns that lead somewhere instead of being read. */
const kHidden = new Set(['template', 'template_id', 'example', 'severity']);
/** Columns that are fields of the language: their values can be searched for. */
const kFields = new Set(
  'host service source component severity request_id user project instance template'.split(' '),
);
const kPatterns = 'patterns';

type Row = readonly (string | number)[];

/** The lines of a row: of its template, or with its value. */
function linesOf(columns: readonly string[], row: Row, search: string): string | null {
  const at = columns.findIndex((column) => column === 'template' || column === 'template_id');
  const [field, value] = at >= 0 ? ['template', row[at]] : [columns[0]!, row[0]];
  if (value === '' || value === undefined || !kFields.has(field)) return null;
  return withParams({ q: withTermToggled(search, term(field, String(value))), view: undefined });
}

interface CellsProps {
  columns: readonly string[];
  row: Row;
  search: string;
}
function Cells({ columns, row, search }: CellsProps) {
  const href = linesOf(columns, row, search);
  const severity = columns.length > 2 ? row[columns.indexOf('severity')] : undefined;
  return (
    <tr>
      {columns.map((column, index) => {
        const value = row[index] ?? '';
        if (columns.length > 2 && kHidden.has(column)) return null;
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
            {index === 0 && href ? <a href={href}>{text}</a> : text}
          </td>
        );
      })}
    </tr>
  );
}

function Table({ table, search }: { table: LogTable; search: string }) {
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
                <Text value={word(column)} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <Cells key={index} columns={columns} row={row} search={search} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function StageTable({ search, stage, span }: { search: string; stage: string; span: Span }) {
  const q = `${search} | ${stage}`;
  const loaded = useResource(JSON.stringify([q, span]), (signal) => queryLogs({ q, ...span }, signal));
  const table = loaded.data.value;
  return (
    <Panel
      title={stage === kPatterns ? t('patterns') : t('log_table')}
      aside={<code class="muted">| {stage}</code>}
    >
      {table ? (
        table.rows.length > 0 ? (
          <Table table={table} search={search} />
        ) : (
          <Empty>{t('no_lines_found')}</Empty>
        )
      ) : loaded.error.value ? (
        <Failure error={loaded.error.value} retry={() => loaded.reload()} />
      ) : (
        <Skeleton rows={8} />
      )}
    </Panel>
  );
}
