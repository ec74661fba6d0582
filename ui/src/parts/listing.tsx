// A list that comes from the server as a whole: loading, failed, empty, or there; and the bar above it.
import type { ComponentChildren } from 'preact';
import type { Resource } from '../live/resource';
import { Empty, Failure, Skeleton } from './panel';
import { Text } from './text';

interface LoadedProps<T> {
  of: Resource<T>;
  rows?: number;
  children: (data: T) => ComponentChildren;
}
/** Old data stays while a newer try fails, under what it failed of. */
export function Loaded<T>({ of, rows = 5, children }: LoadedProps<T>) {
  const data = of.data.value;
  const error = of.error.value;
  return (
    <>
      {error && <Failure error={error} retry={() => of.reload()} />}
      {data !== null ? children(data) : !error && <Skeleton rows={rows} />}
    </>
  );
}

interface TitleProps {
  title: string;
  children?: ComponentChildren;
}
export function Title({ title, children }: TitleProps) {
  return (
    <div class="title-bar">
      <h1>
        <Text value={title} />
      </h1>
      {children}
    </div>
  );
}

interface TabsProps {
  label: string;
  tabs: readonly (readonly [string, string])[];
  here: string;
}
export function Tabs({ label, tabs, here }: TabsProps) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(([href, name]) => (
        <a key={href} href={href} aria-current={href === here ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}

interface GridProps {
  /** A column that begins with '#' is one of numbers; '' has no head. */
  columns: readonly string[];
  label: string;
  empty: ComponentChildren;
  rows: ComponentChildren[];
}
/** A plain table in a panel; on phones its rows fold into cards. */
export function Grid({ columns, label, empty, rows }: GridProps) {
  if (rows.length === 0)
    return (
      <div class="panel">
        <Empty>{empty}</Empty>
      </div>
    );
  return (
    <div class="panel scroll-x" tabIndex={0} role="region" aria-label={label}>
      <table class="grid">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" class={column.startsWith('#') ? 'num' : undefined}>
                {column.replace(/^#/, '') || <span class="sr-only">{label}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{rows}</tbody>
      </table>
    </div>
  );
}
