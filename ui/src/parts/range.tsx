// How far back: quick picks whose choice is in the URL. A narrower span, from and to, takes the place of the pick.
import { query, withParams } from '../live/router';
import { t } from '../text/i18n';
import { spanEnd } from '../text/span_text';

/** Seconds. */
export const kRanges = { '15m': 900, '1h': 3600, '3h': 10_800, '12h': 43_200, '24h': 86_400, '7d': 604_800 };
export type Range = keyof typeof kRanges;
const kFirstRange: Range = '1h';

export const rangeOf = (text: string | null, otherwise: Range = kFirstRange): Range =>
  text !== null && Object.hasOwn(kRanges, text) ? (text as Range) : otherwise;

/** As the API takes them: RFC 3339 or "now-1h". */
export interface Span {
  from: string;
  to: string;
}

/** The span that the URL names: from and to when it has both, its pick otherwise. */
export function spanOf(otherwise: Range = kFirstRange): Span {
  const [from, to] = [query.value.get('from'), query.value.get('to')];
  const given = from && to && [from, to].every((end) => Number.isFinite(spanEnd(end, 0)));
  if (given) return { from, to };
  return { from: `now-${rangeOf(query.value.get('range'), otherwise)}`, to: 'now' };
}

/** The same in absolute times, with `now` as it is; to = '' still goes on. */
export function fixedSpan({ from, to }: Span, now: number): Span {
  return { from: new Date(spanEnd(from, now)).toISOString(), to: to === 'now' ? '' : to };
}

interface RangePicksProps {
  /** null: a span of its own is shown. */
  chosen: Range | null;
  /** Which one the address need not name; null = each is named. */
  first?: Range | null;
}
export function RangePicks({ chosen, first = kFirstRange }: RangePicksProps) {
  return (
    <fieldset class="ranges">
      <legend class="sr-only">{t('range')}</legend>
      {Object.keys(kRanges).map((one) => (
        <a
          key={one}
          href={withParams({ range: one === first ? undefined : one, from: undefined, to: undefined })}
          aria-current={one === chosen ? 'true' : undefined}
        >
          {one}
        </a>
      ))}
    </fieldset>
  );
}
