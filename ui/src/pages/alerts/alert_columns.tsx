// Which columns the alert table has: chosen by pointing, kept in the address (cols=).
import { navigate, query, withParams } from '../../live/router';
import { t } from '../../text/i18n';
import { w } from '../../text/lazy_words';
import { columnsOf, kColumns, namesOf, type Column } from './alert_rows';

export function ColumnPick() {
  const shown = columnsOf(query.value.get('cols'));
  const turn = (one: Column) =>
    navigate(
      withParams({
        cols: namesOf(shown.includes(one) ? shown.filter((key) => key !== one) : [...shown, one]),
      }),
      'replace',
    );
  return (
    <>
      <button type="button" popovertarget="columns-menu" class="columns-pick">
        {w('columns')} ▾
      </button>
      <fieldset id="columns-menu" class="span-menu" popover="auto">
        <legend class="sr-only">{w('columns')}</legend>
        {kColumns.map(({ key, label, fixed }) => (
          <label key={key} class="check">
            <input
              type="checkbox"
              name={key}
              checked={shown.includes(key)}
              disabled={fixed}
              onChange={() => turn(key)}
            />
            {t(label)}
          </label>
        ))}
      </fieldset>
    </>
  );
}
