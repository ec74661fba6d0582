// A silence being made or changed: what it hides is shown before it is set; a reason and an end are required.
import { useEffect, useState } from 'preact/hooks';
import {
  changeSilence,
  makeSilence,
  previewSilence,
  removeSilence,
  type Matcher,
  type Quiet,
  type QuietInput,
  type SilencePreview,
} from '../../api/manage';
import { serverNow } from '../../live/clock';
import { say } from '../../live/notice';
import { attempt, reason as reasonOf } from '../../parts/attempt';
import { Dialog, Field, Form, field } from '../../parts/form';
import { MatcherFields } from '../../parts/matcher_fields';
import { SeverityBadge } from '../../parts/mark';
import { Select, plainly } from '../../parts/select';
import { Text } from '../../parts/text';
import { t } from '../../text/i18n';
import { w, wordOf } from '../../text/lazy_words';
import { offsetOf, sentOffset, shownOffset } from '../../text/lengths';
import { atZone, instantIn } from '../../text/span_text';
import { zone, zoneName } from '../../text/time';
import { offsetAt } from '../../text/zones';

const kDurations = ['30m', '1h', '2h', '4h', '8h', '1d', '3d', '7d', '30d'] as const;
const kWeekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const kShown = 5;

/** What the matchers hide just now; asked again a moment after they change. */
function usePreview(matchers: readonly Matcher[]): { answer: SilencePreview | null; problem: string } {
  const [answer, setAnswer] = useState<SilencePreview | null>(null);
  const [problem, setProblem] = useState('');
  const asked = JSON.stringify(matchers);
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      if (matchers.some((one) => one.name === '')) return;
      previewSilence(matchers, abort.signal).then(
        (next) => {
          setAnswer(next);
          setProblem('');
        },
        (error: unknown) => {
          if (!abort.signal.aborted) setProblem(reasonOf(error));
        },
      );
    }, 250);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [asked]);
  return { answer, problem };
}

function Preview({ matchers }: { matchers: readonly Matcher[] }) {
  const { answer, problem } = usePreview(matchers);
  return (
    <div class="preview" aria-live="polite">
      {problem ? (
        <p class="problem">
          <Text value={problem} />
        </p>
      ) : answer ? (
        <>
          <p class={answer.hides_everything ? 'problem' : ''}>
            <strong>{w('hides_now', { n: answer.total, all: answer.live })}</strong>
            {answer.hides_everything && ` ${w('hides_everything')}`}
          </p>
          <ul class="rows">
            {answer.alerts.slice(0, kShown).map((alert) => (
              <li key={alert.id}>
                <a href={`/alerts/${encodeURIComponent(alert.id)}`} target="_blank">
                  <SeverityBadge severity={alert.severity} />
                  <span class="text">
                    <Text value={alert.text} />
                  </span>
                </a>
              </li>
            ))}
          </ul>
          {answer.total > kShown && <p class="muted">{w('and_more', { n: answer.total - kShown })}</p>}
        </>
      ) : (
        <p class="muted">{t('loading')}</p>
      )}
    </div>
  );
}

/** Its own when it recurs already, else that of the zone that is shown; it does not change in summer. */
const offsetFor = (of: Quiet['recurrence'], at = serverNow()): number =>
  of ? offsetOf(of.utc_offset) : offsetAt(zone.value, at);

function Recurring({ start }: { start: Quiet['recurrence'] }) {
  return (
    <details open={start !== undefined}>
      <summary>{w('recurs')}</summary>
      <fieldset class="weekdays">
        <legend class="sr-only">{w('weekdays')}</legend>
        {kWeekdays.map((day) => (
          <label key={day} class="chip">
            <input
              type="checkbox"
              name="weekday"
              value={day}
              defaultChecked={start?.weekdays?.includes(day) ?? false}
            />
            {wordOf('day_', day)}
          </label>
        ))}
      </fieldset>
      <div class="field-row">
        <Field label={w('recurs_start')} hint={w('recurs_hint', { offset: shownOffset(offsetFor(start)) })}>
          <input name="recurs_start" type="time" defaultValue={start?.start ?? ''} />
        </Field>
        <Field label={w('recurs_length')}>
          <input name="recurs_length" placeholder="2h" defaultValue={start?.length ?? ''} />
        </Field>
      </div>
    </details>
  );
}

const endShown = (silence: Quiet): string => atZone(Date.parse(silence.ends), zone.value);

function inputOf(data: FormData, matchers: Matcher[], silence: Quiet | null): QuietInput {
  const input: QuietInput = { matchers, reason: field(data, 'reason') };
  const until = field(data, 'until');
  // The field has no seconds, and cannot tell which of two hours it means: what nobody touched stays.
  if (silence && until === endShown(silence)) input.ends = silence.ends;
  else if (until) input.ends = instantIn(zone.peek(), until);
  else input.duration = field(data, 'duration');
  const starts = field(data, 'starts');
  if (starts) input.starts = instantIn(zone.peek(), starts);
  const start = field(data, 'recurs_start');
  if (start)
    input.recurrence = {
      weekdays: data.getAll('weekday').map(String),
      start,
      length: field(data, 'recurs_length') || '1h',
      utc_offset: sentOffset(
        offsetFor(silence?.recurrence, input.starts ? Date.parse(input.starts) : serverNow()),
      ),
    };
  return input;
}

interface SilenceFormProps {
  /** null: a new one. */
  silence: Quiet | null;
  first: readonly Matcher[];
  /** How long it is to last unless something else is chosen. */
  lasts?: string;
  close: () => void;
  changed: () => void;
}
export function SilenceForm({ silence, first, lasts = '2h', close, changed }: SilenceFormProps) {
  const [matchers, setMatchers] = useState<Matcher[]>(() => [...first]);
  const save = async (data: FormData) => {
    const input = inputOf(data, matchers, silence);
    if (silence) {
      if (!input.starts) input.starts = silence.starts;
      await changeSilence(silence.id, input);
      say(w('silence_changed'));
    } else {
      const made = await makeSilence(input);
      say(w('silence_made'), {
        undo: () => void attempt(() => removeSilence(made.id), w('silence_gone')).then(changed),
      });
    }
    changed();
    close();
  };
  const editing = silence !== null && silence.state !== 'expired';
  return (
    <Dialog title={w(silence ? 'silence_edit' : 'silence_new')} close={close} wide>
      <Form submit={w(silence ? 'save_silence' : 'set_silence')} cancel={close} onSubmit={save}>
        <MatcherFields matchers={matchers} change={setMatchers} />
        <Preview matchers={matchers} />
        <Field label={w('reason')}>
          <input
            name="reason"
            required
            maxLength={1000}
            autocomplete="off"
            defaultValue={silence?.reason ?? ''}
          />
        </Field>
        <div class="field-row">
          <Field label={w('lasts')}>
            <Select
              name="duration"
              first={lasts}
              options={plainly([...new Set<string>([...kDurations, lasts])])}
            />
          </Field>
          <Field label={w('or_until')} hint={w('in_zone', { zone: zoneName() })}>
            <input
              name="until"
              type="datetime-local"
              min={atZone(serverNow(), zone.value)}
              defaultValue={editing ? endShown(silence) : ''}
            />
          </Field>
          <Field label={w('begins')} hint={w('begins_hint')}>
            <input name="starts" type="datetime-local" defaultValue="" />
          </Field>
        </div>
        <Recurring start={silence?.recurrence} />
      </Form>
    </Dialog>
  );
}
