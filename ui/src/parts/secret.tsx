// Something that is shown once, ready to be copied.
import { say } from '../live/notice';
import { w } from '../text/lazy_words';

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
