// Which lines, how many, of whom? A search in the language of docs/logs-search.md over a span, both in the URL; with a
// stage ("| count by host") the table that it makes instead of the lines.
import { useEffect, useRef } from 'preact/hooks';
import '../../style/manage.css';
import { getChanges } from '../../api/endpoints';
import { useKeys } from '../../live/keys';
import { navigate, query, withParams } from '../../live/router';
import { useResource } from '../../live/use_resource';
import { RangePicks, rangeOf, spanOf, type Span } from '../../parts/range';
import { SpanField } from '../../parts/span_field';
import { ToBoard } from '../../parts/to_board';
import { t } from '../../text/i18n';
import { Facets } from './log_facets';
import { Histogram, useHistogram } from './log_histogram';
import { kOpenLine, LogList } from './log_list';
import { splitStage } from '../../text/log_query';
import { StageTable } from './log_table';
import { Troubles } from './log_troubles';

const kPatterns = 'patterns';
const kMostChanges = 50;

function SearchForm({ text, span }: { text: string; span: Span }) {
  const box = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => box.current?.focus() });
  return (
    <form
      class="expression"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        navigate(withParams({ q: box.current?.value.trim() ?? '' }));
      }}
    >
      <input
        ref={box}
        key={text}
        type="search"
        spellcheck={false}
        autocomplete="off"
        aria-label={t('log_query')}
        placeholder={t('log_query_hint')}
        defaultValue={text}
      />
      <RangePicks chosen={query.value.has('from') ? null : rangeOf(query.value.get('range'))} />
      <SpanField span={span} />
      <button type="submit" class="primary">
        {t('run')}
      </button>
    </form>
  );
}

function Views({ patterns, live }: { patterns: boolean; live: boolean }) {
  return (
    <nav class="views" aria-label={t('log_view')}>
      <a href={withParams({ view: undefined })} aria-current={patterns ? undefined : 'page'}>
        {t('lines')}
      </a>
      <a href={withParams({ view: kPatterns, live: undefined })} aria-current={patterns ? 'page' : undefined}>
        {t('patterns')}
      </a>
      {!patterns && (
        <button
          type="button"
          class="live-toggle"
          aria-pressed={live}
          title={t('lines_live_hint')}
          onClick={() =>
            navigate(withParams({ live: live ? undefined : '1', from: undefined, to: undefined }), 'replace')
          }
        >
          <span class="dot" aria-hidden="true" />
          {t(live ? 'lines_pause' : 'lines_live')}
        </button>
      )}
      {!patterns && (
        <ToBoard
          panel={{ kind: 'logs', query: query.value.get('q') ?? '', title: query.value.get('q') ?? '' }}
        />
      )}
    </nav>
  );
}

export function LogsPage() {
  const text = query.value.get('q') ?? '';
  const { search, stage } = splitStage(text);
  const span = spanOf();
  const narrowed = span.to === 'now' ? null : span;
  const patterns = query.value.get('view') === kPatterns;
  const live = query.value.get('live') === '1' && !patterns && stage === '' && narrowed === null;
  const histogram = useHistogram(search, span, live);
  const changes = useResource(JSON.stringify(span), (signal) =>
    getChanges({ from: span.from, to: span.to, limit: kMostChanges }, signal),
  );
  // Going live begins anew with the newest lines; pausing keeps what is here.
  const wasLive = useRef(live);
  const began = useRef(0);
  if (live && !wasLive.current) began.current += 1;
  wasLive.current = live;
  const key = JSON.stringify([text, span, began.current]);
  // The open line belongs to its search.
  const line = query.value.get(kOpenLine);
  const before = useRef({ key, line });
  useEffect(() => {
    const left = before.current.key !== key && before.current.line === line;
    before.current = { key, line };
    if (left && line !== null) navigate(withParams({ [kOpenLine]: undefined }), 'replace');
  }, [key, line]);
  return (
    <div class="page logs">
      <h1>{t('logs')}</h1>
      <SearchForm text={text} span={span} />
      <Troubles />
      <Histogram of={histogram} changes={changes.data.value?.items ?? []} />
      {stage === '' && <Views patterns={patterns} live={live} />}
      <div class="found">
        <div>
          {stage !== '' || patterns ? (
            <StageTable search={search} stage={stage || kPatterns} span={span} />
          ) : (
            <LogList key={key} q={search} span={span} live={live} counts={histogram.data.value} />
          )}
        </div>
        <Facets search={search} span={span} />
      </div>
    </div>
  );
}
