// The first hour, on the overview until it is put away: this host, another node, a channel, a test alert from raising to
// closing.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import '../style/manage.css';
import { actOnAlert, getAlert } from '../api/endpoints';
import { fireTestAlert, getChannels } from '../api/manage';
import { loadSample, sample } from '../api/sample';
import { may, user } from '../api/session';
import type { AlertDetail } from '../api/types';
import { overview } from '../live/overview';
import { onStream } from '../live/stream';
import { stored } from '../live/stored';
import { useResource } from '../live/use_resource';
import { w } from '../text/lazy_words';
import { word } from '../text/i18n';
import { attempt } from './attempt';
import { Mark } from './mark';
import { Panel } from './panel';
import { Text } from './text';

const away = stored<'no' | 'yes'>('first-steps-away', 'no', ['no', 'yes']);

function TestAlert({ id }: { id: string }) {
  const loaded = useResource(id, (signal) => getAlert(id, signal));
  useEffect(() => {
    const stop = onStream((event) => {
      if (event.event === 'alert') loaded.reload();
    });
    const timer = setInterval(() => loaded.reload(), 2000);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, [loaded]);
  const detail: AlertDetail | null = loaded.data.value;
  if (!detail) return null;
  const { alert, deliveries } = detail;
  const close = () => attempt(() => actOnAlert(id, 'close')).then(() => loaded.reload());
  return (
    <ol class="test-walk" aria-live="polite">
      <li>
        <Mark kind="normal" /> {w('walk_raised')}{' '}
        <a href={`/alerts/${encodeURIComponent(id)}`}>
          <Text value={alert.text} />
        </a>
      </li>
      {deliveries.length > 0 ? (
        deliveries.map((one) => (
          <li key={one.channel + one.transition}>
            <Mark kind={one.state === 'delivered' ? 'normal' : 'warning'} />{' '}
            <Text value={`${one.channel}: ${word(one.transition)}, ${word(one.state)}`} />
          </li>
        ))
      ) : (
        <li>{w('walk_nobody')}</li>
      )}
      {alert.status === 'closed' ? (
        <li>
          <Mark kind="normal" /> {w('walk_closed')}
        </li>
      ) : (
        <li>
          <button type="button" onClick={() => void close()}>
            {w('walk_close')}
          </button>
        </li>
      )}
    </ol>
  );
}

interface StepProps {
  done: boolean;
  children: ComponentChildren;
}
const Step = ({ done, children }: StepProps) => (
  <li class={done ? 'done' : ''}>
    <Mark kind={done ? 'normal' : 'unknown'} label={w(done ? 'step_done' : 'step_open')} /> {children}
  </li>
);

function Steps() {
  const channels = useResource('channels', getChannels);
  const [test, setTest] = useState('');
  const nodes = overview.value?.nodes.length ?? 0;
  const told = (channels.data.value?.length ?? 0) > 0;
  const fire = async () => {
    const who = user.value?.name ?? '';
    const id = await attempt(() => fireTestAlert(who, w('test_alert_text', { name: who })));
    if (id) setTest(id);
  };
  return (
    <Panel
      title={w('first_steps')}
      class="first-steps"
      aside={
        <button
          type="button"
          onClick={() => {
            away.value = 'yes';
          }}
        >
          {w('put_away')}
        </button>
      }
    >
      <ol class="steps-list">
        <Step done={nodes > 0}>
          {nodes > 0 ? w('step_this_host') : <a href="/nodes/add">{w('step_first_host')}</a>}
        </Step>
        <Step done={nodes > 1}>
          <a href="/nodes/add">{w('add_node')}</a>
        </Step>
        <Step done={told}>
          <a href="/channels">{w('step_channel')}</a>
        </Step>
        <Step done={test !== ''}>
          <button type="button" class="fire" disabled={test !== ''} onClick={() => void fire()}>
            {w('step_test')}
          </button>
          {test !== '' && <TestAlert id={test} />}
        </Step>
        <Step done={sample.value === 'yes'}>
          <button
            type="button"
            class="load-sample"
            title={w('sample_hint')}
            disabled={sample.value === 'yes'}
            onClick={loadSample}
          >
            {w('step_sample')}
          </button>
        </Step>
      </ol>
    </Panel>
  );
}

export function FirstSteps() {
  if (away.value === 'yes' || !may('operator')) return null;
  return <Steps />;
}
