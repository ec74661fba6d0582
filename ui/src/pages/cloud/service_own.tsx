// The figures that only this kind of service has, over the last hour.
import { useEffect } from 'preact/hooks';
import '../../style/watch.css';
import { queryRange } from '../../api/endpoints';
import type { Series } from '../../api/types';
import { serverNow } from '../../live/clock';
import { useResource } from '../../live/use_resource';
import { Chart } from '../../parts/chart';
import { Loaded } from '../../parts/listing';
import { Empty, Panel } from '../../parts/panel';
import { t } from '../../text/i18n';
import { w } from '../../text/lazy_words';
import { isBad, kindOf, type ServiceFigure } from './service_figures';

const kHour = 3600;
const kStep = 15;
const kAgain = 15_000;
const kMost = 6;

/** What could be drawn, and how many could not; fails when nothing could. */
async function drawAll(
  figures: readonly ServiceFigure[],
  signal: AbortSignal,
): Promise<{ drawn: Drawn[]; failed: number }> {
  const tried = await Promise.allSettled(figures.map((figure) => draw(figure, signal)));
  const done = tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const [failure] = tried.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (done.length === 0 && failure !== undefined) throw failure;
  return {
    drawn: done.filter(({ series }) => series.length > 0),
    failed: tried.length - done.length,
  };
}

interface Drawn {
  figure: ServiceFigure;
  series: Series[];
}

async function draw(figure: ServiceFigure, signal: AbortSignal): Promise<Drawn> {
  const end = Math.floor(serverNow() / 1000 / kStep) * kStep;
  const series = await queryRange({ query: figure.query, start: end - kHour, end, step: kStep }, signal);
  return { figure, series: series.filter((one) => one.points.length > 0).slice(0, kMost) };
}

const labelsOf = ({ labels }: Series): string =>
  Object.entries(labels)
    .flatMap(([name, value]) => (name === '__name__' ? [] : [value]))
    .join(' ');

/** Which of the series it is: its labels' values. */
const whose = (series: readonly Series[]): string =>
  series.length === 1 ? labelsOf(series[0]!) : w('series_n', { n: series.length });

/** Those that ask for attention now, by name. */
function bad({ figure, series }: Drawn): string {
  const worst = series.filter((one) => isBad(figure, one.points.at(-1)![1]));
  return worst.map((one) => labelsOf(one) || w(figure.name)).join(', ');
}

export function ServiceOwn({ service }: { service: string }) {
  const kind = kindOf(service);
  const loaded = useResource(`own ${service}`, (signal) => drawAll(kind?.figures ?? [], signal));
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) loaded.reload();
    }, kAgain);
    return () => clearInterval(timer);
  }, [loaded]);
  if (!kind) return null;
  return (
    <Panel
      title={w('own_figures')}
      class="charts wide own-figures"
      aside={<span class="muted">{t('last_hour')}</span>}
    >
      <Loaded of={loaded} rows={3}>
        {({ drawn, failed }) => (
          <>
            {failed > 0 && <Empty>{w('own_failed', { n: failed })}</Empty>}
            {drawn.length === 0 && failed === 0 && (
              <Empty>{w('own_none', { collector: kind.collector })}</Empty>
            )}
            {drawn.map((one) => (
              <div key={one.figure.name} class={bad(one) ? 'own-figure bad' : 'own-figure'}>
                <Chart
                  name={w(one.figure.name)}
                  of={bad(one) || whose(one.series)}
                  series={one.series}
                  unit={one.figure.unit}
                />
              </div>
            ))}
          </>
        )}
      </Loaded>
    </Panel>
  );
}
