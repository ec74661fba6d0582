// Where nothing was found: the links that lead out, by what the address narrows.
import { query, withParams } from '../live/router';
import { t } from '../text/i18n';
import { w } from '../text/lazy_words';

const kWeek = '7d';

/** `filters`: the parameters of this page that narrow what it shows. */
export function WaysOut({ filters = [] }: { filters?: readonly string[] }) {
  const narrowed = filters.filter((name) => (query.value.get(name) ?? '') !== '');
  const cleared = Object.fromEntries(narrowed.map((name) => [name, undefined]));
  return (
    <>
      {narrowed.length > 0 && <a href={withParams(cleared)}>{t('clear_filters')}</a>}{' '}
      {query.value.get('range') !== kWeek && (
        <a href={withParams({ range: kWeek, from: undefined, to: undefined })}>{w('look_7d')}</a>
      )}
    </>
  );
}
