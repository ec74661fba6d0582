// Our own line icons, drawn in the text colour.
const kPaths = {
  overview: 'M2.5 3h4.5v4.5h-4.5zM9 3h4.5v4.5H9zM2.5 9.5h4.5V14h-4.5zM9 9.5h4.5V14H9z',
  alerts:
    'M8 2.5a4 4 0 0 0-4 4c0 3.5-1.5 4.5-1.5 5h11c0-.5-1.5-1.5-1.5-5a4 4 0 0 0-4-4zM6.5 13.5a1.6 1.6 0 0 0 3 0',
  metrics: 'M2.5 2.5v11h11M5 10.5l2.5-3.5 2 2 3.5-5',
  logs: 'M2.5 3.5h11M2.5 6.5h7M2.5 9.5h11M2.5 12.5h5',
  services: 'M2.5 3h11v3.5h-11zM2.5 9.5h11V13h-11zM5 4.8v0M5 11.2v0',
  nodes: 'M3 2.5h10v8H3zM6 13.5h4M8 10.5v3',
  changes: 'M2.5 8h3M10.5 8h3M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5',
  resources: 'M8 2l5.5 3v6L8 14l-5.5-3V5zM2.5 5 8 8l5.5-3M8 8v6',
  status: 'M3 13V9M6.3 13V5M9.7 13V7.5M13 13V3',
  boards: 'M2.5 2.5h11v11h-11zM2.5 7h11M7.5 7v6.5',
  rules: 'M3 4h6M11.5 4h1.5M3 8h1.5M7 8h6M3 12h5M10.5 12H13M10 2.8v2.4M5.8 6.8v2.4M9.2 10.8v2.4',
  silences:
    'M4.5 11.5h7.5c-.8-1.4-.6-3.5-.9-5.3M9.5 3.2A4 4 0 0 0 4.3 6.5c0 3-1 4.5-1.5 5M6.8 13.5a1.4 1.4 0 0 0 2.4 0M2.5 2.5l11 11',
  channels: 'M2.5 4h11v8h-11zM2.5 4.5 8 9l5.5-4.5',
  settings:
    'M8 5.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4M8 2v2M8 12v2M2 8h2M12 8h2M3.8 3.8l1.4 1.4M10.8 10.8l1.4 1.4M3.8 12.2l1.4-1.4M10.8 5.2l1.4-1.4',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3 14 14',
  copy: 'M5.5 5.5h8v8h-8zM3 10.5h-.5v-8h8V3',
  back: 'M9.5 3.5 5 8l4.5 4.5',
} as const;

export function Icon({ name }: { name: keyof typeof kPaths }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={kPaths[name]} />
    </svg>
  );
}

/** A line that beats: the product's sign. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="11" />
      <path d="M4 13h4l2.2-6 3.6 10 2.2-4H20" />
    </svg>
  );
}
