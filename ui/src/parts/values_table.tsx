// What a plot draws, as a table: a row an instant, a column a series.
import { useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { useVirtual } from '../live/use_virtual';
import { t } from '../text/i18n';
import { fullTime } from '../text/time';
import { w } from '../text/lazy_words';
import { Text } from './text';

/** As in style/explore.css. */
const kRow = 26;

export function ValuesTable({ data, names }: { data: uPlot.AlignedData; names: readonly string[] }) {
  const list = useRef<HTMLDivElement>(null);
  const times = data[0];
  const rows = useVirtual(list, { count: times.length, row: kRow, open: null }, { own: true });
  const indices = Array.from({ length: rows.last - rows.first }, (_, i) => rows.first + i);
  return (
    <div class="values" tabIndex={0} role="region" aria-label={w('as_table')} ref={list}>
      <table aria-rowcount={times.length + 1}>
        <thead>
          <tr>
            <th scope="col">{t('time')}</th>
            {names.map((name) => (
              <th key={name} scope="col" class="num">
                <Text value={name} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody style={{ '--before': `${rows.before}px`, '--after': `${rows.after}px` }}>
          {indices.map((index) => (
            <tr key={index} aria-rowindex={index + 2}>
              <th scope="row">{fullTime(times[index]! * 1000)}</th>
              {names.map((name, column) => (
                <td key={name} class="num">
                  {data[column + 1]![index] ?? ''}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
