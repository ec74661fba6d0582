// Text from outside as text nodes, with hidden characters shown as escapes and long text cut until asked for.
import { useState } from 'preact/hooks';
import { styled } from '../text/ansi';
import { visible } from '../text/visible';
import { t } from '../text/i18n';

const kCut = 10_000;

const Visible = ({ text }: { text: string }) => (
  <>{visible(text).map((piece) => (piece.escaped ? <span class="esc">{piece.text}</span> : piece.text))}</>
);

interface TextProps {
  value: string | null | undefined;
  /** What a program wrote for a terminal: its colours are shown. */
  terminal?: boolean;
}
export function Text({ value: given, terminal = false }: TextProps) {
  const value = given ?? '';
  const [whole, setWhole] = useState(false);
  const cut = !whole && value.length > kCut;
  const shown = cut ? value.slice(0, kCut) : value;
  return (
    <>
      {terminal && shown.includes('\u001b') ? (
        styled(shown).map(({ text, style }) =>
          style ? (
            <span class={style}>
              <Visible text={text} />
            </span>
          ) : (
            <Visible text={text} />
          ),
        )
      ) : (
        <Visible text={shown} />
      )}
      {cut && (
        <button type="button" class="link" onClick={() => setWhole(true)}>
          {t('show_all', { n: value.length })}
        </button>
      )}
    </>
  );
}
