// Our own line icons, drawn in the text colour.
const kPaths = {
  overview: 'M2.5 3h4.5v4.5h-4.5zM9 3h4.5v4.5H9zM2.5 9.5h4.5V14h-4.5zM9 9.5h4.5V14H9z',
  alerts:
    'M8 2.5a4 4 0 0 0-4 4c0 3.5-1.5 4.5-1.5 5h11c0-.5-1.5-1.5-1.5-5a4 4 0 0 0-4-4zM6.5 13.5a1.6 1.6 0 0 0 3 0',
  metrics: 'M2.5 2.5v11h11M5 10.5l2.5-3.5 2 2 3.5-5',
  logs: 'M2.5 3.5h11M2.5 6.5h7M2.5 9.5h11M2.5 12.5h5',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3 14 14',
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
