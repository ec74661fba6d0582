// Which rows of a long list are in the page, and where. Rows are equally high but for one that may be open. A browser cannot
// make an element of any height: beyond kMostPixels the scroll bar stands for more than it is long, small steps go row by
// row all the same, and a drag of the bar goes to the same share of the list.

export const kMostPixels = 8_000_000;
/** Rows in the page beyond those that are seen, on both sides. */
const kBeyond = 6;
/** The rows in the page change by so many at once: few, so that no frame has much to do. */
const kStep = 2;

export interface RowLayout {
  count: number;
  /** Height of a row. */
  row: number;
  /** The open row, and by how much it is higher than others. */
  open: { index: number; extra: number } | null;
}

/** Of all rows together, as if an element could be as high. */
export const naturalHeight = ({ count, row, open }: RowLayout): number =>
  count * row + (open && open.index < count ? open.extra : 0);

export const shownHeight = (layout: RowLayout): number => Math.min(naturalHeight(layout), kMostPixels);

/** Where the row begins. */
export const offsetOf = ({ row, open }: RowLayout, index: number): number =>
  index * row + (open && index > open.index ? open.extra : 0);

/** The row at a height. */
export function rowAt({ count, row, open }: RowLayout, top: number): number {
  const clamp = (index: number) => Math.max(0, Math.min(count - 1, index));
  if (!open || top < (open.index + 1) * row) return clamp(Math.floor(top / row));
  return clamp(Math.max(open.index, Math.floor((top - open.extra) / row)));
}

/** Where one has scrolled to: what the scroll bar says, and the height that stands for. */
export interface Place {
  bar: number;
  top: number;
}

/** After the scroll bar moved to `bar`; `view` is the height of what is seen. A page goes on below its list: `bar` then stays at
 *  the list's end, or the room before the rows would grow with it. */
export function follow(layout: RowLayout, view: number, from: Place, bar: number): Place {
  const natural = naturalHeight(layout);
  const shown = shownHeight(layout);
  const most = Math.max(0, natural - view);
  if (natural <= shown) return { bar: Math.min(bar, most), top: Math.min(bar, most) };
  if (bar <= 0) return { bar, top: 0 };
  if (bar >= shown - view - 1) return { bar: Math.min(bar, shown - view), top: most };
  const moved = bar - from.bar;
  const near = Math.abs(moved) < view * 2;
  const top = near ? from.top + moved : (bar / (shown - view)) * most;
  return { bar, top: Math.max(0, Math.min(most, top)) };
}

/** Where the bar must be for the list to be seen from `top` on. */
export function barFor(layout: RowLayout, view: number, top: number): number {
  const natural = naturalHeight(layout);
  const shown = shownHeight(layout);
  return natural <= shown ? top : (top / Math.max(1, natural - view)) * (shown - view);
}

export interface Slice {
  /** Rows in the page: first to last, the last one not included. */
  first: number;
  last: number;
  /** Room before and after them. */
  before: number;
  after: number;
}

export function sliceAt(layout: RowLayout, view: number, place: Place): Slice {
  if (layout.count === 0) return { first: 0, last: 0, before: 0, after: 0 };
  const begin = rowAt(layout, place.top) - kBeyond;
  const end = rowAt(layout, place.top + view) + 1 + kBeyond;
  const first = Math.max(0, Math.floor(begin / kStep) * kStep);
  const last = Math.min(layout.count, Math.ceil(end / kStep) * kStep);
  const before = Math.max(0, place.bar - (place.top - offsetOf(layout, first)));
  const rows = offsetOf(layout, last) - offsetOf(layout, first);
  return { first, last, before, after: Math.max(0, shownHeight(layout) - before - rows) };
}
