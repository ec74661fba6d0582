// Metric values for people. The unit is the metric name's last word (SI base units), as docs/metrics.md lists them.

export type Unit = 'ratio' | 'bytes' | 'bytes/s' | 'seconds' | 'number' | 'number/s';

export function unitOf(metric: string, rate = false): Unit {
  const name = metric.replace(/_total$/, '');
  if (name.endsWith('_ratio')) return 'ratio';
  if (name.endsWith('_bytes')) return rate ? 'bytes/s' : 'bytes';
  if (name.endsWith('_seconds')) return rate ? 'ratio' : 'seconds';
  return rate ? 'number/s' : 'number';
}

const kBinary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

function bytes(value: number): string {
  let power = 0;
  let scaled = Math.abs(value);
  while (scaled >= 1024 && power < kBinary.length - 1) {
    scaled /= 1024;
    power += 1;
  }
  const digits = power === 0 || scaled >= 100 ? 0 : 1;
  return `${(Math.sign(value) * scaled).toFixed(digits)} ${kBinary[power]}`;
}

function number(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${(value / 1e9).toFixed(1)} G`;
  if (size >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  if (size >= 1e4) return `${(value / 1e3).toFixed(1)} k`;
  return Number.isInteger(value) ? String(value) : value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

function seconds(value: number): string {
  if (value < 1) return `${(value * 1000).toFixed(0)} ms`;
  if (value < 120) return `${value.toFixed(1)} s`;
  if (value < 7200) return `${(value / 60).toFixed(0)} m`;
  if (value < 172800) return `${(value / 3600).toFixed(0)} h`;
  return `${(value / 86400).toFixed(0)} d`;
}

export function showValue(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return '–';
  switch (unit) {
    case 'ratio': {
      const percent = value * 100;
      return `${percent.toFixed(percent < 10 && percent !== 0 ? 1 : 0)} %`;
    }
    case 'bytes':
      return bytes(value);
    case 'bytes/s':
      return `${bytes(value)}/s`;
    case 'seconds':
      return seconds(value);
    case 'number':
      return number(value);
    case 'number/s':
      return `${number(value)}/s`;
  }
}
