// Something that is shown once, ready to be copied.
import { keepLink } from '../api/endpoints';
import { say } from '../live/notice';
import { w } from '../text/lazy_words';
import { attempt } from './attempt';

/** Messengers and mail programs cut longer ones. */
const kLongestLink = 1800;

/** The address of what is shown; a long one under a short code. */
export async function copyLink(): Promise<void> {
  const { href, origin, pathname, search } = location;
  if (href.length <= kLongestLink) return copyText(href);
  const kept = await attempt(() => keepLink(pathname + search));
  return kept && copyText(`${origin}/s/${kept.code}`);
}

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(w('copied'));
  } catch {
    say(w('not_copied'), { bad: true }); // no permission, or no secure context
  }
}

export function Secret({ value }: { value: string }) {
  return (
    <div class="secret">
      <code tabIndex={0}>{value}</code>
      <button type="button" onClick={() => void copyText(value)}>
        {w('copy')}
      </button>
    </div>
  );
}
