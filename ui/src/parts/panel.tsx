// A titled part of a page, and what it shows while it has nothing else to show.
import { Component, type ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ApiError } from '../api/error';
import { t } from '../text/i18n';
import { Text } from './text';

/** A part that breaks says so in its place; the rest of the page stands. */
class Guard extends Component<{ children: ComponentChildren }, { broken: string }> {
  override state = { broken: '' };
  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ broken: String(error) });
  }
  override render() {
    if (this.state.broken === '') return this.props.children;
    return (
      <Empty>
        <Text value={t('load_failed', { why: this.state.broken })} />
      </Empty>
    );
  }
}

interface PanelProps {
  title: string;
  children: ComponentChildren;
  aside?: ComponentChildren;
  class?: string;
}
export function Panel({ title, children, aside, class: name = '' }: PanelProps) {
  return (
    <section class={`panel ${name}`} aria-label={title}>
      <header>
        <h2>{title}</h2>
        {aside !== undefined && <div class="aside">{aside}</div>}
      </header>
      {/* A part that scrolls must be reachable by keyboard. */}
      <div class="body" tabIndex={name.includes('scrolls') ? 0 : undefined}>
        <Guard>{children}</Guard>
      </div>
    </section>
  );
}

export const Empty = ({ children }: { children: ComponentChildren }) => <p class="empty">{children}</p>;

/** Shown only when the wait is long enough to be noticed. */
export function Skeleton({ rows = 3 }: { rows?: number }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="skeleton" role="status" aria-label={t('loading')}>
      {shown && Array.from({ length: rows }, (_, i) => <div key={i} />)}
    </div>
  );
}

export function Failure({ error, retry }: { error: ApiError; retry: () => void }) {
  return (
    <div class="failure" role="alert">
      <p>
        <Text
          value={t('load_failed', { why: error.status === 0 ? t('server_unreachable') : error.message })}
        />
        {error.requestId && <span class="muted"> ({t('request_id', { id: error.requestId })})</span>}
      </p>
      <button type="button" onClick={retry}>
        {t('retry')}
      </button>
    </div>
  );
}
