// Where nothing was found: the links that lead out, by what the address narrows.
import { query, withParams } from '../live/router';
import { t } from '../text/i18n';
import { w } from '../text/lazy_words';

const kWeek = '7d';

interface WaysOutProps {
  /** The parameters of this page that narrow what it shows. */
  filters?: readonly string[];
  /** A week is shown already. */
  week?: boolean;
}
export function WaysOut({ filters = [], week = query.value.get('range') === kWeek }: WaysOutProps) {
  const narrowed = filters.filter((name) => (query.value.get(name) ?? '') !== '');
  const cleared = Object.fromEntries(narrowed.map((name) => [name, undefined]));
  return (
    <>
      {narrowed.length > 0 && <a href={withParams(cleared)}>{t('clear_filters')}</a>}{' '}
      {!week && <a href={withParams({ range: kWeek, from: undefined, to: undefined })}>{w('look_7d')}</a>}
    </>
  );
}
