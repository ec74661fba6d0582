// The story of a request or an instance across all nodes and services, oldest first: one lane a service, the time between
// the lines, the first error, tracebacks folded to their last frame, and what was changed meanwhile.
import { useRef } from 'preact/hooks';
import { getBacktrace } from '../../api/endpoints';
import type { Backtrace, BacktraceStep, ChangeBefore } from '../../api/types';
import { now } from '../../live/clock';
import { useKeys } from '../../live/keys';
import { navigate, query, withParams } from '../../live/router';
import { useResource } from '../../live/use_resource';
import { ChangeWhy } from '../../parts/change_why';
import { LogLine } from '../../parts/log_line';
import { Empty, Failure, Panel, Skeleton } from '../../parts/panel';
import { RangePicks, rangeOf, spanOf, type Span } from '../../parts/range';
import { Text } from '../../parts/text';
import { At } from '../../parts/when';
import { t } from '../../text/i18n';
import { w, wordOf } from '../../text/lazy_words';
import { clockTime, shortDuration } from '../../text/time';
import { mergedStory, reaches, type Reach } from './story';
import { WaysOut } from '../ways_out';

const kFirstRange = '24h';
/** Lanes have this many colours; they are named beside each line as well. */
const kColours = 8;
/** More lanes than these are told by their names alone. */
const kMostRails = 12;
/** A gap that is worth a look. */
const kLongGap = 1000;
const kFirstError = 'first-error';

function Rails({ at, lane, all }: { at: number; lane: number; all: readonly Reach[] }) {
  if (all.length > kMostRails) return null;
  return (
    <span class="rails" aria-hidden="true">
      {all.map(({ first, last }, index) => {
        const parts = [`lane-${index % kColours}`];
        if (lane === index) parts.push('here');
        if (at > first && at <= last) parts.push('above');
        if (lane >= 0 && at >= first && at < last) parts.push('below');
        else if (lane < 0 && at > first && at <= last) parts.push('below');
        return <i key={index} class={parts.join(' ')} />;
      })}
    </span>
  );
}

function Whose({ step, lane }: { step: BacktraceStep; lane: string }) {
  return (
    <span class="whose">
      <span class={`lane-tag lane-${step.lane % kColours}`}>
        <Text value={lane} />
      </span>
      <a href={`/nodes/${encodeURIComponent(step.host)}`}>
        <Text value={step.host} />
      </a>
    </span>
  );
}

function Step({ step }: { step: BacktraceStep }) {
  return (
    <ol class="lines">
      <LogLine
        time={step.time}
        severity={step.severity}
        origin=""
        text={step.message}
        traceback={step.traceback}
        frame={step.last_frame}
      >
        {step.first_error && <b class="marked">{t('first_error')}</b>}
      </LogLine>
    </ol>
  );
}

function Change({ change }: { change: ChangeBefore }) {
  return (
    <p class="changed">
      <At time={change.time} ms />
      <span class="tag">{t('change')}</span>
      <span>
        <Text value={change.host} /> <Text value={change.summary || change.type} /> <ChangeWhy of={change} />
      </span>
    </p>
  );
}

function Gap({ ms }: { ms: number }) {
  return <span class={`gap${ms >= kLongGap ? ' long' : ''}`}>+{shortDuration(ms)}</span>;
}

function Story({ story }: { story: Backtrace }) {
  const { records, lanes } = story;
  const all = reaches(records, lanes.length);
  return (
    <Panel title={t('backtrace_story')} aside={t('lines_all', { n: records.length })} class="story">
      <ol class="steps">
        {mergedStory(records, story.changes).map(({ at, step, change }) =>
          step ? (
            <li
              key={step.id}
              id={step.first_error ? kFirstError : undefined}
              class={step.first_error ? 'first' : ''}
            >
              {at > 0 ? <Gap ms={step.gap_ms} /> : <span class="gap" />}
              <Rails at={at} lane={step.lane} all={all} />
              <Whose step={step} lane={lanes[step.lane] ?? ''} />
              <Step step={step} />
            </li>
          ) : (
            <li key={change!.id} class="of-change">
              <span class="gap" />
              <Rails at={at} lane={-1} all={all} />
              <Change change={change!} />
            </li>
          ),
        )}
      </ol>
      {story.truncated && (
        <Empty>
          {story.start.by === 'around'
            ? w('story_around_cut', { n: records.length })
            : t('backtrace_cut', { n: records.length })}
        </Empty>
      )}
      {story.changes_truncated && (
        <Empty>
          {w('story_changes_cut')} <a href="/changes">{t('changes')}</a>
        </Empty>
      )}
    </Panel>
  );
}

/** Why these lines, where the id in the box does not say it. */
function Start({ start }: { start: Backtrace['start'] }) {
  if (start.why === '' || start.by === 'request') return null;
  return (
    <p class="story-start" role="note">
      {start.failed !== null
        ? w('story_around', { time: clockTime(start.failed, now.peek()) })
        : w('story_by_id')}
    </p>
  );
}

function Facts({ story }: { story: Backtrace }) {
  const counts = story.lanes.map((_, lane) => story.records.filter((one) => one.lane === lane).length);
  return (
    <div class="facts story-facts">
      <span>
        <b>{t('backtrace_took')}</b> {shortDuration(story.duration_ms)}
      </span>
      <span>
        <b>{t('backtrace_ids')}</b>{' '}
        {[...story.ids, ...story.instances].map((id) => (
          <code key={id}>
            <Text value={id} />
          </code>
        ))}
      </span>
      <ul class="lanes" aria-label={t('backtrace_lanes')}>
        {story.lanes.map((lane, index) => (
          <li key={index} class={`lane-tag lane-${index % kColours}`}>
            <Text value={lane} /> {counts[index]}
            {story.lane_reasons[index] && (
              <small> {wordOf('need_', story.lane_reasons[index].replaceAll(' ', '_'))}</small>
            )}
          </li>
        ))}
      </ul>
      {story.records.some((one) => one.first_error) && (
        <button
          type="button"
          onClick={() => document.getElementById(kFirstError)?.scrollIntoView({ block: 'center' })}
        >
          {t('first_error_go')}
        </button>
      )}
    </div>
  );
}

export function Told({ id, span }: { id: string; span: Span }) {
  const loaded = useResource(JSON.stringify([id, span]), (signal) => getBacktrace({ id, ...span }, signal));
  const story = loaded.data.value;
  if (loaded.error.value) return <Failure error={loaded.error.value} retry={() => loaded.reload()} />;
  if (!story) return <Skeleton rows={10} />;
  if (story.records.length === 0)
    return (
      <>
        <Start start={story.start} />
        <Empty>
          {t('backtrace_none')} <WaysOut />
        </Empty>
      </>
    );
  return (
    <>
      <Start start={story.start} />
      <Facts story={story} />
      <Story story={story} />
    </>
  );
}

export function BacktracePage() {
  const box = useRef<HTMLInputElement>(null);
  const id = query.value.get('id') ?? '';
  const span = spanOf(kFirstRange);
  useKeys({ '/': () => box.current?.focus() });
  return (
    <div class="page backtrace">
      <h1>{t('backtrace')}</h1>
      <form
        class="expression"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          navigate(withParams({ id: box.current?.value.trim() ?? '' }));
        }}
      >
        <input
          ref={box}
          key={id}
          type="search"
          spellcheck={false}
          autocomplete="off"
          aria-label={t('backtrace_id')}
          placeholder={t('backtrace_hint')}
          defaultValue={id}
        />
        <RangePicks
          chosen={span.to === 'now' ? rangeOf(query.value.get('range'), kFirstRange) : null}
          first={kFirstRange}
        />
        <button type="submit" class="primary">
          {t('backtrace_follow')}
        </button>
      </form>
      {id === '' ? (
        <Empty>{t('backtrace_empty')}</Empty>
      ) : (
        <Told key={JSON.stringify([id, span])} id={id} span={span} />
      )}
    </div>
  );
}
