// How a pattern goes over the span, drawn small, and what became of it since the span before.
import { Text } from '../../parts/text';
import { w, wordOf } from '../../text/lazy_words';

const kHeight = 20;
const kMarks: Record<string, string> = { new: '+', more: '↑', fewer: '↓', same: '=', gone: '−' };

export function Trend({ counts }: { counts: readonly number[] }) {
  const most = Math.max(1, ...counts);
  if (counts.length === 0) return null;
  return (
    <svg
      class="trend"
      viewBox={`0 0 ${counts.length} ${kHeight}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={w('trend_most', { most, n: counts.length })}
    >
      {counts.map((count, index) => {
        // What there was once in a thousand is to be seen too.
        const height = count > 0 ? Math.max(1, (count / most) * kHeight) : 0;
        return <rect key={index} x={index + 0.1} y={kHeight - height} width={0.8} height={height} />;
      })}
    </svg>
  );
}

export function Change({ change, before }: { change: string; before: number }) {
  return (
    <span class={`pattern-change ${change}`} title={w('change_before', { n: before })}>
      <span aria-hidden="true">{kMarks[change]}</span> <Text value={wordOf('change_', change)} />
    </span>
  );
}
