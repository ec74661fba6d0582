// Of which services, hosts and severities the lines found are: a value that is pressed narrows the search, and widens it
// when it is pressed again.
import { useState } from 'preact/hooks';
import { queryLogs } from '../../api/endpoints';
import type { LogTable } from '../../api/types';
import { withParams } from '../../live/router';
import { useResource } from '../../live/use_resource';
import { Mark, ofLog } from '../../parts/mark';
import { Failure, Skeleton } from '../../parts/panel';
import type { Span } from '../../parts/range';
import { Text } from '../../parts/text';
import { t } from '../../text/i18n';
import { hasTerm, term, withTermToggled } from '../../text/log_query';

const kFields = ['severity', 'service', 'host'] as const;
const kMost = 12;

interface FacetProps {
  field: (typeof kFields)[number];
  table: LogTable;
  search: string;
}
function Facet({ field, table, search }: FacetProps) {
  const more = table.rows.length - kMost;
  return (
    <div class="facet">
      <h3>{t(field)}</h3>
      <ul>
        {table.rows.slice(0, kMost).map((row) => {
          const [value, n] = [String(row[0] ?? ''), Number(row[1])];
          const one = term(field, field === 'severity' ? value.toLowerCase() : value);
          const label = (
            <>
              {field === 'severity' && <Mark kind={ofLog(value).mark} />}
              <span class="name">{value ? <Text value={value} /> : t('facet_none')}</span>
              <span class="n">{n.toLocaleString()}</span>
            </>
          );
          return (
            <li key={value}>
              {value ? (
                <a
                  href={withParams({ q: withTermToggled(search, one) })}
                  aria-current={hasTerm(search, one) ? 'true' : undefined}
                >
                  {label}
                </a>
              ) : (
                <span class="none muted">{label}</span>
              )}
            </li>
          );
        })}
      </ul>
      {more > 0 && <p class="muted">{t('facet_more', { n: more })}</p>}
    </div>
  );
}

interface FacetsProps {
  /** Without a stage. */
  search: string;
  span: Span;
}
function Counted({ search, span }: FacetsProps) {
  const loaded = useResource(JSON.stringify([search, span]), (signal) =>
    Promise.all(kFields.map((field) => queryLogs({ q: `${search} | count by ${field}`, ...span }, signal))),
  );
  const tables = loaded.data.value;
  if (loaded.error.value) return <Failure error={loaded.error.value} retry={() => loaded.reload()} />;
  if (!tables) return <Skeleton rows={8} />;
  return (
    <div class="body">
      {kFields.map((field, index) => (
        <Facet key={field} field={field} table={tables[index]!} search={search} />
      ))}
    </div>
  );
}

/** Folded, and not asked for, where it would push the lines off the screen. */
export function Facets(props: FacetsProps) {
  const [open, setOpen] = useState(() => matchMedia('(min-width: 1101px)').matches);
  return (
    <details class="panel facets" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('filters')}</summary>
      {open && <Counted {...props} />}
    </details>
  );
}
