// The mock server's figures: instant PromQL, how many alerts began and ended, what a number was compared with.
import { iso } from './mock_data.mjs';

/** By a piece of the question; what nobody knows has no series. */
const FIGURES = [
  ['resource_usage{resourcetype="VCPU"}', [[{}, 37]]],
  ['resource_total{resourcetype="VCPU"}', [[{}, 128]]],
  ['nova_memory_used_bytes', [[{}, 2.3e11]]],
  ['nova_memory_available_bytes', [[{}, 2.5e11]]],
  [
    'openstack_api_seconds',
    [
      [{ api: 'compute' }, 1.31],
      [{ api: 'identity' }, 0.08],
      [{ api: 'network' }, 0.22],
    ],
  ],
];

export function instant(query) {
  const [, found] = FIGURES.find(([piece]) => query.includes(piece)) ?? ['', []];
  const result = found.map(([metric, value]) => ({ metric, value: [Date.now() / 1000, String(value)] }));
  return { status: 'success', data: { resultType: 'vector', result } };
}

/** Whether an alert stood at some time between. */
export const stood = (alert, from, to) =>
  Date.parse(alert.createTime) < to && (alert.status !== 'closed' || Date.parse(alert.updateTime) >= from);

/** Beginnings and ends of `alerts` in equal parts of the span. */
export function turns(alerts, from, to, count) {
  const width = (to - from) / count;
  const buckets = Array.from({ length: count }, (_, index) => ({
    time: iso(from + index * width),
    opened: 0,
    closed: 0,
  }));
  const at = (time) => buckets[Math.floor((Date.parse(time) - from) / width)] ?? {};
  for (const alert of alerts)
    for (const { type, time } of alert.history) {
      if (type === 'new' || type === 'open') at(time).opened += 1;
      if (type === 'close' || type === 'expired') at(time).closed += 1;
    }
  return { step_seconds: width / 1000, buckets };
}

/** What the series are of. */
export const usageOf = (nodes) => ({
  headStats: { numSeries: nodes * 20, numLabelPairs: nodes + 8, chunkCount: 0, minTime: 0, maxTime: 0 },
  seriesCountByMetricName: [
    { name: 'host_network_receive_bytes_total', value: nodes * 5 },
    { name: 'host_load1', value: nodes },
  ],
  labelValueCountByLabelName: [
    { name: 'host', value: nodes },
    { name: 'service', value: 8 },
  ],
  memoryInBytesByLabelName: [],
  seriesCountByLabelValuePair: [],
});
