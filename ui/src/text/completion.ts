// What may stand where one types in a PromQL expression: names of metrics and functions, of labels within braces, and the
// values of a label within its quotes.

export const kFunctions: readonly string[] = [
  ...['sum', 'avg', 'min', 'max', 'count', 'topk', 'bottomk', 'quantile', 'stddev', 'group', 'count_values'],
  ...['rate', 'irate', 'increase', 'delta', 'idelta', 'deriv', 'predict_linear', 'resets', 'changes'],
  ...['avg_over_time', 'min_over_time', 'max_over_time', 'sum_over_time', 'count_over_time'],
  ...['quantile_over_time', 'stddev_over_time', 'last_over_time', 'present_over_time', 'absent_over_time'],
  ...['histogram_quantile', 'label_replace', 'label_join', 'absent', 'scalar', 'vector', 'sort', 'sort_desc'],
  ...[
    'abs',
    'ceil',
    'floor',
    'round',
    'exp',
    'ln',
    'log2',
    'log10',
    'sqrt',
    'clamp',
    'clamp_min',
    'clamp_max',
  ],
  ...['time', 'timestamp', 'hour', 'minute', 'day_of_week', 'day_of_month', 'days_in_month', 'month', 'year'],
  ...[
    'by',
    'without',
    'on',
    'ignoring',
    'group_left',
    'group_right',
    'offset',
    'bool',
    'and',
    'or',
    'unless',
  ],
];

export interface Place {
  kind: 'name' | 'label' | 'value';
  /** What is typed already, and where it begins. */
  typed: string;
  from: number;
  /** Of a value: its label. Of a label or a value within braces: the metric before them; "" = none. */
  label: string;
  metric: string;
}

/** null: nothing can be proposed at the caret. */
export function placeAt(text: string, caret: number): Place | null {
  const before = text.slice(0, caret);
  const open = before.lastIndexOf('{');
  const inBraces = open > before.lastIndexOf('}');
  const metric = inBraces ? (/([a-zA-Z_:][\w:]*)\s*$/.exec(before.slice(0, open))?.[1] ?? '') : '';
  if (inBraces) {
    const value = /([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*"([^"]*)$/.exec(before.slice(open));
    if (value)
      return { kind: 'value', typed: value[2]!, from: caret - value[2]!.length, label: value[1]!, metric };
    const label = /(?:[{,])\s*(\w*)$/.exec(before.slice(open));
    return label && { kind: 'label', typed: label[1]!, from: caret - label[1]!.length, label: '', metric };
  }
  if ((before.split('"').length - 1) % 2 === 1) return null;
  const grouping = /\b(?:by|without|on|ignoring)\s*\(\s*(?:\w+\s*,\s*)*(\w*)$/.exec(before);
  if (grouping)
    return { kind: 'label', typed: grouping[1]!, from: caret - grouping[1]!.length, label: '', metric: '' };
  const name = /[a-zA-Z_:][\w:]*$/.exec(before)?.[0] ?? '';
  return name === '' ? null : { kind: 'name', typed: name, from: caret - name.length, label: '', metric: '' };
}

const kMost = 12;

/** Those that begin with what was typed, then those that have it in them; never just what stands there already. */
export function matching(all: readonly string[], typed: string): string[] {
  const wanted = typed.toLowerCase();
  const has = all.filter((one) => one !== typed && one.toLowerCase().includes(wanted));
  const begins = (one: string) => Number(one.toLowerCase().startsWith(wanted));
  return has.sort((a, b) => begins(b) - begins(a) || a.localeCompare(b)).slice(0, kMost);
}
