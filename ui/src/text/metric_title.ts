// A metric's name as people say it.

/** service_memory_resident_bytes -> Memory resident: whose it is and its unit are shown beside it. */
export function metricTitle(metric: string): string {
  const words = metric
    .replace(/^(service|host)_/, '')
    .replace(/_total$/, '')
    .replace(/_(bytes|ratio|seconds)$/, '')
    .replaceAll('_', ' ')
    .replace(/^cpu\b/, 'CPU');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
