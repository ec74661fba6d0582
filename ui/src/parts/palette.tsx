// Ctrl-K: jump to a page, a node, a service, an alert by its words, or the story of a request.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import '../style/manage.css';
import { getAlerts } from '../api/endpoints';
import type { Alert } from '../api/types';
import { may, mayRespond } from '../api/session';
import { overview } from '../live/overview';
import { navigate } from '../live/router';
import { theme } from '../live/theme';
import { t, type MessageKey } from '../text/i18n';
import { w } from '../text/lazy_words';
import { act } from './act';
import { matching, type Place } from './places';
import { Text } from './text';

const kMost = 12;
const kAlerts = 5;
const kPages: readonly (readonly [string, MessageKey])[] = [
  ['/', 'overview'],
  ['/alerts', 'alerts'],
  ['/services', 'services'],
  ['/nodes', 'nodes'],
  ['/explore', 'metrics'],
  ['/logs', 'logs'],
  ['/changes', 'changes'],
  ['/resources', 'resources'],
  ['/boards', 'boards'],
  ['/rules', 'rules'],
  ['/silences', 'silences'],
  ['/channels', 'channels'],
  ['/status', 'status_page'],
  ['/settings', 'settings'],
];
const kId = /^(req-)?[0-9a-f]{8}-[0-9a-f]{4}-/i;

function known(): Place[] {
  const nodes = overview.peek()?.nodes ?? [];
  const services = new Set(nodes.flatMap((node) => node.services.map((one) => one.service)));
  return [
    ...kPages.map(([href, key]) => ({ kind: w('page'), name: t(key), href })),
    ...nodes.map(({ host }) => ({ kind: t('node'), name: host, href: `/nodes/${encodeURIComponent(host)}` })),
    ...[...services].map((name) => ({
      kind: t('service'),
      name,
      href: `/services/${encodeURIComponent(name)}`,
    })),
  ];
}

/** "ack", "silence" and what to: the verb, in either language, and the rest. */
const kVerbs = {
  ack: /^(?:ack|acknowledge|reconocer)\s+(.*)$/i,
  silence: /^(?:silence|silenciar)\s+(?:(?:node|nodo|host)\s+)?(.*?)(?:\s+(\d{1,3})\s?([mhd]))?$/i,
};

function silences(text: string): Place[] {
  const [, rest = '', n = '', unit = ''] = kVerbs.silence.exec(text) ?? [];
  if (rest === '' || !mayRespond.value) return [];
  const nodes = overview.peek()?.nodes ?? [];
  const about = (label: string, names: readonly string[]) =>
    matching(
      names.map((name) => ({ kind: w('silence_this'), name, href: '' })),
      rest,
    ).map(({ kind, name }) => {
      const params = new URLSearchParams({ new: '1', m: `${label}=${name}`, ...(n && { for: n + unit }) });
      return { kind, name: `${name}${n && ` ${n}${unit}`}`, href: `/silences?${params}` };
    });
  const services = [...new Set(nodes.flatMap((node) => node.services.map((one) => one.service)))];
  return [
    ...about(
      'host',
      nodes.map((node) => node.host),
    ),
    ...about('service', services),
  ];
}

/** What can be done from everywhere. */
function deeds(): Place[] {
  const kind = w('action');
  const next = theme.value === 'dark' ? 'light' : 'dark';
  return [
    ...(mayRespond.value ? [{ kind, name: w('silence_new'), href: '/silences?new=1' }] : []),
    ...(may('operator') ? [{ kind, name: w('add_node'), href: '/nodes/add' }] : []),
    { kind, name: w('kiosk'), href: '/?kiosk=1' },
    {
      kind,
      name: `${t('theme')}: ${t(`theme_${next}`)}`,
      href: '#theme',
      run: () => {
        theme.value = next;
      },
    },
  ];
}

function useAlerts(text: string): Alert[] {
  const [found, setFound] = useState<Alert[]>([]);
  useEffect(() => {
    setFound([]);
    if (text.length < 3) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      getAlerts({ q: text, page_size: kAlerts }, abort.signal).then(
        (page) => setFound(page.items),
        () => undefined, // the other places are still there
      );
    }, 200);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text]);
  return found;
}

export function Palette({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const places = useMemo(known, []);
  const toAck = kVerbs.ack.exec(text.trim())?.[1];
  const alerts = useAlerts(toAck ?? text.trim());
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const id = text.trim();
  const found: Place[] = [
    ...(kId.test(id)
      ? [{ kind: t('backtrace'), name: id, href: `/backtrace?id=${encodeURIComponent(id)}&range=24h` }]
      : []),
    ...silences(id),
    ...(toAck !== undefined && mayRespond.value
      ? alerts
          .filter((one) => one.status === 'open')
          .map((one) => ({
            kind: w('act_ack'),
            name: one.text,
            href: `#ack-${one.id}`,
            run: () => void act(one.id, 'ack', '', () => undefined),
          }))
      : []),
    ...matching([...places, ...(id ? deeds() : [])], text),
    ...alerts.map((one) => ({
      kind: t('alert'),
      name: one.text,
      href: `/alerts/${encodeURIComponent(one.id)}`,
    })),
    ...(id ? [{ kind: t('logs'), name: id, href: `/logs?q=${encodeURIComponent(id)}` }] : []),
  ].slice(0, kMost);
  const chosen = Math.min(at, found.length - 1);
  const go = (place: Place | undefined) => {
    if (!place) return;
    close();
    if (place.run) place.run();
    else navigate(place.href);
  };
  const key = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0));
    else if (event.key === 'Enter') go(found[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <dialog ref={dialog} class="form-dialog palette" aria-label={w('palette')} onClose={close}>
      <input
        type="search"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={`palette-${chosen}`}
        aria-label={w('palette')}
        placeholder={w('palette_hint')}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={key}
      />
      <ul id="palette-list" role="listbox" aria-label={w('palette')}>
        {found.map((place, index) => (
          <li
            key={place.href}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === chosen}
            onClick={() => go(place)}
          >
            <span class="muted">{place.kind}</span>
            <Text value={place.name} />
          </li>
        ))}
      </ul>
    </dialog>
  );
}
