// The list of keys (`?`).
import { useEffect, useRef } from 'preact/hooks';
import { t, type MessageKey } from '../text/i18n';

const kKeys: readonly (readonly [string[], MessageKey])[] = [
  [['g', 'o'], 'key_overview'],
  [['g', 'a'], 'key_alerts'],
  [['g', 'm'], 'key_metrics'],
  [['g', 'l'], 'key_logs'],
  [['g', 's'], 'key_services'],
  [['g', 'n'], 'key_nodes'],
  [['g', 'c'], 'key_changes'],
  [['g', 'r'], 'key_resources'],
  [['g', 'b'], 'key_boards'],
  [['g', 'u'], 'key_rules'],
  [['g', 'i'], 'key_silences'],
  [['j', 'k'], 'key_move'],
  [['Enter'], 'key_enter'],
  [['Esc'], 'key_escape'],
  [['a'], 'key_ack'],
  [['x'], 'key_choose'],
  [['e'], 'key_unfold'],
  [['s'], 'key_silence'],
  [['c'], 'key_context'],
  [['f'], 'key_follow'],
  [['w'], 'key_wrap'],
  [['p'], 'key_pause'],
  [['y'], 'key_fix'],
  [['u'], 'key_undo'],
  [['/'], 'key_search'],
  [['Ctrl', 'K'], 'key_jump'],
  [['.'], 'key_apply'],
  [['?'], 'key_help'],
];

export function Help({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={close}>
      <h2 id="help-title">{t('keys')}</h2>
      <dl>
        {kKeys.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(what)}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">{t('close_dialog')}</button>
      </form>
    </dialog>
  );
}
