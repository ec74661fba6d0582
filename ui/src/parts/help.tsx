// The list of keys (`?`), in which each can be switched off.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { keysOff } from '../live/keys';
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
  [['m'], 'key_take'],
  [['x'], 'key_choose'],
  [['e'], 'key_unfold'],
  [['s'], 'key_silence'],
  [['n'], 'key_note'],
  [['d'], 'key_details'],
  [['c'], 'key_context'],
  [['f'], 'key_follow'],
  [['w'], 'key_wrap'],
  [['p'], 'key_pause'],
  [['y'], 'key_fix'],
  [['t', 'ArrowLeft'], 'key_earlier'],
  [['t', 'ArrowRight'], 'key_later'],
  [['t', '+'], 'key_closer'],
  [['t', '-'], 'key_wider'],
  [['u'], 'key_undo'],
  [['/'], 'key_search'],
  [['Ctrl', 'F'], 'key_find'],
  [['Ctrl', 'K'], 'key_jump'],
  [['.'], 'key_apply'],
  [['?'], 'key_help'],
];

const kShown: Record<string, string> = { ArrowLeft: '←', ArrowRight: '→' };
/** Belong to the browser or to the focused element, not to the page. */
const kFixed = new Set(['Enter', 'Esc', 'Ctrl']);

/** How the handlers name them: a sequence is one, and alternatives are several. */
function namesOf(keys: readonly string[]): string[] {
  return keys[0] === 'g' || keys[0] === 't' ? [keys.join(' ')] : [...keys];
}

function Switch({ keys, what }: { keys: readonly string[]; what: string }) {
  if (keys.some((key) => kFixed.has(key))) return <span class="fixed" />;
  const names = namesOf(keys);
  const on = !names.some((name) => keysOff.value.has(name));
  const turn = () => {
    const off = new Set(keysOff.value);
    for (const name of names) {
      if (on) off.add(name);
      else off.delete(name);
    }
    keysOff.value = off;
  };
  return <input type="checkbox" checked={on} aria-label={what} onChange={turn} />;
}

export function Help({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={close}>
      <h2 id="help-title">{t('keys')}</h2>
      <p class="muted">{t('keys_off_hint')}</p>
      <dl>
        {kKeys.map(([keys, what]) => (
          <div key={what}>
            <dt>
              <Switch keys={keys} what={t(what)} />
              {keys.map((key) => (
                <kbd key={key}>{kShown[key] ?? key}</kbd>
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
