// Why a change is named beside what happened, in words.
import type { ChangeBefore } from '../api/types';
import { w } from '../text/lazy_words';
import { Text } from './text';

export function ChangeWhy({ of }: { of: ChangeBefore }) {
  const [, service] = /^on a host it needs: (.*)$/.exec(of.why) ?? [];
  return (
    <small class="muted why">
      {service ? (
        <Text value={w('why_needed', { host: of.host, service })} />
      ) : (
        w(of.host ? 'why_same_host' : 'why_cloud')
      )}
    </small>
  );
}
