// What each kind of channel must and may be told (docs/alerts.md, Channels).
import type { LazyKey } from '../../text/lazy_words';

export interface SettingField {
  name: string;
  label: LazyKey;
  required?: boolean;
  /** Never shown by the server: "***" stands for what it has. */
  secret?: boolean;
  /** Several, one a line. */
  many?: boolean;
  number?: boolean;
  choices?: readonly string[];
  placeholder?: string;
}

const url = (placeholder: string, secret = false): SettingField => ({
  name: 'url',
  label: 'set_url',
  required: true,
  secret,
  placeholder,
});
const kPin: SettingField = { name: 'pinned_sha256', label: 'set_pin' };
const kWords: readonly SettingField[] = [
  { name: 'title', label: 'set_title', placeholder: '{severity} {event} {resource}' },
  { name: 'text', label: 'set_text', placeholder: '{text}' },
];

/** In another program's form. */
const foreignWebhook = (secretUrl = false): readonly SettingField[] => [
  url('https://example.org/webhook', secretUrl),
  { name: 'bearer_token', label: 'set_token', secret: true },
  kPin,
];

export const kChannelKinds: Readonly<Record<string, readonly SettingField[]>> = {
  webhook: [url('https://example.org/hook'), { name: 'secret', label: 'set_secret', secret: true }, kPin],
  slack: [url('https://hooks.slack.com/services/…', true), ...kWords],
  smtp: [
    { name: 'host', label: 'set_host', required: true, placeholder: 'mail.example.org' },
    { name: 'port', label: 'set_port', number: true, placeholder: '587' },
    { name: 'security', label: 'set_security', choices: ['starttls', 'tls', 'none'] },
    { name: 'username', label: 'set_username' },
    { name: 'password', label: 'set_password', secret: true },
    { name: 'from', label: 'set_from', required: true, placeholder: 'sentinella@example.org' },
    { name: 'to', label: 'set_to', required: true, many: true, placeholder: 'oncall@example.org' },
    ...kWords,
  ],
  alertmanager: foreignWebhook(),
  monasca: foreignWebhook(),
  aodh: foreignWebhook(true),
  pagerduty: [{ name: 'routing_key', label: 'set_routing_key', required: true, secret: true }, ...kWords],
  opsgenie: [{ name: 'api_key', label: 'set_api_key', required: true, secret: true }, ...kWords],
  teams: [url('https://…logic.azure.com/workflows/…', true), ...kWords],
  slack_bot: [
    { name: 'token', label: 'set_token', required: true, secret: true, placeholder: 'xoxb-…' },
    { name: 'channel', label: 'set_channel', required: true, placeholder: '#oncall' },
    ...kWords,
  ],
  thunderpush: [
    url('https://push.example.org'),
    { name: 'api_key', label: 'set_api_key', required: true },
    { name: 'secret_key', label: 'set_token', required: true, secret: true },
    { name: 'channel', label: 'set_channel', placeholder: 'alerts' },
  ],
  heartbeat: [url('https://example.org/ping', true)],
};

/** The settings of a filled form; what is empty is left out, what the form does not know is kept. */
export function settingsOf(
  kind: string,
  value: (name: string) => string,
  before: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const fields = kChannelKinds[kind] ?? [];
  const kept = Object.entries(before).filter(([name]) => !fields.some((one) => one.name === name));
  const given = fields.flatMap((one): [string, unknown][] => {
    const text = value(one.name).trim();
    if (text === '') return [];
    if (one.many)
      return [
        [
          one.name,
          text
            .split(/[\n,;]+/)
            .map((item) => item.trim())
            .filter(Boolean),
        ],
      ];
    return [[one.name, one.number ? Number(text) : text]];
  });
  return Object.fromEntries([...kept, ...given]);
}

export const shownSetting = (value: unknown): string =>
  Array.isArray(value) ? value.join('\n') : value === undefined || value === null ? '' : String(value);
