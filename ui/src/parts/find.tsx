// Find in a list of which only a part is in the page: the browser's own search could not see the rest. Ctrl-F opens it, and
// once more the browser's own.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import '../style/find.css';
import { w } from '../text/lazy_words';

export interface FindRow {
  place: number;
  id: string;
  /** What the row says. */
  text: string;
}

interface FindProps {
  list: { readonly current: HTMLElement | null };
  /** The rows that are here, from the top; asked anew when `version` is another. */
  rows: () => FindRow[];
  version: string;
  /** Of all rows, here or not. */
  total: number;
  /** The first row on the screen. */
  seen: () => number;
  show: (place: number) => void;
  /** Gives the focus to a row. */
  go: (place: number) => void;
  /** The address of a search for the text on the server, among all rows. */
  everywhere: (text: string) => string;
}

const kMark = 'found';

/** Colours the text where the rows in the page have it, and marks one of them. */
function mark(list: HTMLElement, text: string, place: number | undefined): void {
  for (const row of list.querySelectorAll<HTMLElement>('[data-place]'))
    row.toggleAttribute('data-found', row.dataset.place === `${place}`);
  if (typeof Highlight === 'undefined') return;
  const marks = new Highlight();
  const texts = document.createTreeWalker(list, NodeFilter.SHOW_TEXT);
  while (text !== '' && texts.nextNode()) {
    const node = texts.currentNode as Text;
    const lower = node.data.toLowerCase();
    // A few letters are more than one in lower case.
    if (lower.length !== node.data.length) continue;
    for (let at = lower.indexOf(text); at >= 0; at = lower.indexOf(text, at + text.length)) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + text.length);
      marks.add(range);
    }
  }
  CSS.highlights.set(kMark, marks);
}

function unmark(list: HTMLElement | null): void {
  list?.querySelector('[data-found]')?.removeAttribute('data-found');
  if (typeof Highlight !== 'undefined') CSS.highlights.delete(kMark);
}

/** `open` is called for Ctrl-F, and for Cmd-F, save when there is nothing to find, `box` has the focus or something lies over
 *  the page. */
function useFindKey(box: { readonly current: HTMLElement | null }, some: boolean, open: () => void): void {
  const latest = useRef({ some, open });
  latest.current = { some, open };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'f' || !(event.ctrlKey || event.metaKey)) return;
      if (!latest.current.some || event.altKey || event.shiftKey || event.defaultPrevented) return;
      if (document.querySelector('dialog[open], :popover-open, [data-holds-keys]')) return;
      if (box.current && document.activeElement === box.current) return;
      event.preventDefault();
      latest.current.open();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}

export function Find(props: FindProps) {
  const { list, rows, version, total } = props;
  const box = useRef<HTMLInputElement>(null);
  const before = useRef<Element | null>(null);
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const [id, setId] = useState('');
  const text = typed.toLowerCase();
  const here = useMemo(() => (open ? rows() : []), [open, version]);
  const found = useMemo(
    () => (text === '' ? [] : here.filter((row) => row.text.toLowerCase().includes(text))),
    [here, text],
  );
  const at = found.findIndex((row) => row.id === id);
  const enter = () => {
    box.current?.focus();
    box.current?.select();
  };
  useFindKey(box, total > 0, () => {
    if (!open) before.current = document.activeElement;
    setOpen(true);
    enter();
  });
  // At once: the next key is typed already.
  useLayoutEffect(enter, [open]);
  useLayoutEffect(() => {
    if (open && list.current) mark(list.current, text, found[at]?.place);
  });
  useLayoutEffect(() => (open ? () => unmark(list.current) : undefined), [open]);
  const show = (row: FindRow | undefined) => {
    setId(row?.id ?? '');
    if (row) props.show(row.place);
  };
  // As one types, and as rows come and go, what was found stays while it fits.
  useEffect(() => {
    if (text !== '' && at < 0) show(found.find((row) => row.place >= props.seen()) ?? found[0]);
  }, [text, version]);
  if (!open) return null;
  const step = (by: 1 | -1) =>
    show(found[(Math.max(at, by < 0 ? 0 : -1) + by + found.length) % found.length]);
  const close = () => {
    setOpen(false);
    const row = found[at];
    if (row) props.go(row.place);
    else if (!before.current?.isConnected) props.go(props.seen());
    else if (before.current instanceof HTMLElement) before.current.focus();
  };
  return (
    <div
      role="search"
      class="find"
      aria-label={w('find')}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        close();
      }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          step(1);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !event.shiftKey || event.target !== box.current) return;
          event.preventDefault();
          step(-1);
        }}
      >
        <input
          ref={box}
          type="text"
          aria-label={w('find')}
          placeholder={w('find')}
          autocomplete="off"
          spellcheck={false}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <output>{text === '' ? '' : w('find_at', { at: at + 1, all: found.length })}</output>
        <button
          type="button"
          aria-label={w('find_previous')}
          disabled={!found.length}
          onClick={() => step(-1)}
        >
          ↑
        </button>
        <button type="submit" aria-label={w('find_next')} disabled={!found.length}>
          ↓
        </button>
        <button type="button" aria-label={w('find_close')} onClick={close}>
          ✕
        </button>
      </form>
      {here.length < total && (
        <p class="muted">
          {w('find_here', { here: here.length, total })}{' '}
          {text !== '' && <a href={props.everywhere(typed)}>{w('find_everywhere')}</a>}
        </p>
      )}
    </div>
  );
}
