// Severity and status as a shape, never as a colour alone. Shapes and fills: one table, also in style/tokens.css.
import { word } from '../text/i18n';
import type { LogSeverity, NodeStatus, ServiceStatus, Severity } from '../api/types';

export type MarkKind = Severity | 'unknown' | 'stopping' | 'planned';

function shape(kind: MarkKind) {
  switch (kind) {
    case 'critical':
      return <path d="M8 1 15 8 8 15 1 8z" />;
    case 'major':
      return <path d="M8 1.5 15 14.5H1z" />;
    case 'minor':
      return <circle cx="8" cy="8" r="6.5" />;
    case 'warning':
      return <path d="M2 2h12v12H2z" />;
    case 'normal':
      return <circle cx="8" cy="8" r="4.5" />;
    case 'stopping':
      return <path d="M2 8a6 6 0 1 1 12 0h-3a3 3 0 1 0-6 0z" />;
    case 'planned':
      return <path d="M3 2h4v12H3zM9 2h4v12H9z" />;
    case 'informational':
      return (
        <path
          class="ring"
          d="M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2m0 3.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6"
        />
      );
    default:
      return (
        <path
          class="ring"
          d="M4.2 5.6a3.8 3.6 0 1 1 5.3 3.2q-.6.3-.6 1.2h-2q0-2 1.4-2.8a1.7 1.7 0 1 0-2.2-1.6zm2.6 5.6h2.2v2.2H6.8z"
        />
      );
  }
}

export function Mark({ kind, label }: { kind: MarkKind; label?: string }) {
  return (
    <svg
      class={`mark k-${kind}`}
      viewBox="0 0 16 16"
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : 'true'}
    >
      {shape(kind)}
    </svg>
  );
}

/** The planned work that a node is under, if any. */
export function Planned({ of }: { of: string }) {
  return of ? (
    <small class="planned">
      <Mark kind="planned" /> {word(of)}
    </small>
  ) : null;
}

export function SeverityBadge({ severity }: { severity: Severity }) {
  return (
    <span class={`badge k-${severity}`}>
      <Mark kind={severity} />
      {word(severity)}
    </span>
  );
}

export const markOfService: Record<ServiceStatus, MarkKind> = {
  up: 'normal',
  down: 'critical',
  stopping: 'stopping',
  unknown: 'unknown',
  not_here: 'indeterminate',
};
export const markOfNode: Record<NodeStatus, MarkKind> = {
  up: 'normal',
  unknown: 'unknown',
  down: 'critical',
};

const kOfLog: Record<LogSeverity, { mark: MarkKind; word: string }> = {
  critical: { mark: 'critical', word: 'CRIT' },
  error: { mark: 'major', word: 'ERR' },
  warning: { mark: 'warning', word: 'WARN' },
  audit: { mark: 'informational', word: 'AUDIT' },
  info: { mark: 'informational', word: 'INFO' },
  debug: { mark: 'normal', word: 'DEBUG' },
  trace: { mark: 'normal', word: 'TRACE' },
  unspecified: { mark: 'indeterminate', word: '' },
};

/** The API writes a log's severity in capitals or small letters, by door. */
export function ofLog(severity: string): { mark: MarkKind; word: string } {
  const key = severity.toLowerCase();
  return Object.hasOwn(kOfLog, key) ? kOfLog[key as LogSeverity] : kOfLog.unspecified;
}
