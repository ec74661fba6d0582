// The user's menu: looks, language, zone, password, log out.
import type { Signal } from '@preact/signals';
import { useRef, useState } from 'preact/hooks';
import { setOwnPassword } from '../api/endpoints';
import { logout, user } from '../api/session';
import { theme, type Theme } from '../live/theme';
import { say } from '../live/notice';
import { language, t, type Language, type MessageKey } from '../text/i18n';
import { lazy } from '../pages/lazy';
import { Text } from './text';

const ViewChoices = lazy(() => import('./frame/view_choices').then((part) => part.ViewChoices));
const Desktop = lazy(() => import('./frame/desktop').then((part) => part.Desktop));

const failed = (error: unknown): void =>
  say(t('act_failed', { why: error instanceof Error ? error.message : String(error) }), { bad: true });

interface ChoiceProps<T extends string> {
  label: string;
  value: Signal<T>;
  options: readonly (readonly [T, string])[];
}
function Choice<T extends string>({ label, value, options }: ChoiceProps<T>) {
  return (
    <label class="choice">
      <span>{label}</span>
      <select
        value={value.value}
        onChange={(event) => {
          value.value = event.currentTarget.value as T;
        }}
      >
        {options.map(([key, name]) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

const kThemes: readonly Theme[] = ['system', 'light', 'dark', 'contrast'];
const kLanguages: readonly (readonly [Language, string])[] = [
  ['en', 'English'],
  ['es', 'Español'],
];

function PasswordForm({ done }: { done: () => void }) {
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    try {
      await setOwnPassword(String(new FormData(form).get('password')));
      form.reset();
      say(t('password_set'));
      done();
    } catch (error) {
      failed(error);
    }
  };
  return (
    <form class="password" onSubmit={(event) => void submit(event)}>
      <input
        type="text"
        name="username"
        autocomplete="username"
        value={user.value?.name ?? ''}
        hidden
        readOnly
      />
      <label>
        {t('new_password')}
        <input type="password" name="password" minLength={12} required autocomplete="new-password" />
      </label>
      <button type="submit">{t('save')}</button>
    </form>
  );
}

export function UserMenu() {
  const menu = useRef<HTMLDivElement>(null);
  const [setting, setSetting] = useState(false);
  const [open, setOpen] = useState(false);
  const who = user.value;
  if (!who) return null;
  return (
    <>
      <button type="button" class="user" popoverTarget="user-menu" aria-label={t('menu', { name: who.name })}>
        <span class="initial" aria-hidden="true">
          {who.name.slice(0, 1).toUpperCase()}
        </span>
      </button>
      <div
        id="user-menu"
        popover="auto"
        ref={menu}
        class="menu"
        onToggle={(event) => setOpen((event as unknown as ToggleEvent).newState === 'open')}
      >
        <p class="who">
          <strong>
            <Text value={who.name} />
          </strong>
          <span class="muted">
            {who.role} · <Text value={who.account} />
          </span>
        </p>
        <Choice
          label={t('theme')}
          value={theme}
          options={kThemes.map((one) => [one, t(`theme_${one}` as MessageKey)])}
        />
        <Choice label={t('language')} value={language} options={kLanguages} />
        {open && <ViewChoices />}
        <Desktop />
        {setting ? (
          <PasswordForm
            done={() => {
              setSetting(false);
              menu.current?.hidePopover();
            }}
          />
        ) : (
          <button type="button" onClick={() => setSetting(true)}>
            {t('set_password')}
          </button>
        )}
        <button type="button" onClick={() => void logout().catch(failed)}>
          {t('logout')}
        </button>
      </div>
    </>
  );
}
