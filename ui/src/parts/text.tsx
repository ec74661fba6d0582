// Text from outside as text nodes, with hidden characters shown as escapes and long text cut until asked for.
import { useState } from 'preact/hooks';
import { visible } from '../text/visible';
import { t } from '../text/i18n';

const kCut = 10_000;

export function Text({ value: given }: { value: string | null | undefined }) {
  const value = given ?? '';
  const [whole, setWhole] = useState(false);
  const cut = !whole && value.length > kCut;
  return (
    <>
      {visible(cut ? value.slice(0, kCut) : value).map((piece) =>
        piece.escaped ? <span class="esc">{piece.text}</span> : piece.text,
      )}
      {cut && (
        <button type="button" class="link" onClick={() => setWhole(true)}>
          {t('show_all', { n: value.length })}
        </button>
      )}
    </>
  );
}
