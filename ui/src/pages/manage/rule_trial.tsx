// A new rule that pages is on trial: what it would have told is recorded, and somebody on call approves it.
import { actOnRule, type Rule } from '../../api/manage';
import { may } from '../../api/session';
import { attempt } from '../../parts/attempt';
import { Panel } from '../../parts/panel';
import { Text } from '../../parts/text';
import { At } from '../../parts/when';
import { w } from '../../text/lazy_words';

export function RuleTrial({ rule, changed }: { rule: Rule; changed: (rule: Rule) => void }) {
  const { trial } = rule;
  if (!trial) return null;
  const approve = async (action: string) => {
    const next = await attempt(() => actOnRule(rule.id, action), w('trial_approved'));
    if (next) changed(next);
  };
  return (
    <Panel title={w('trial')} class="rule-trial">
      <div class="pad">
        <p>
          {w('trial_text')}{' '}
          <span class="muted">
            <Text value={w('trial_since', { by: trial.by })} /> <At time={trial.since} />
          </span>
        </p>
        {trial.approved_by === '' ? (
          <p>{w('trial_waits')}</p>
        ) : (
          <p>
            <Text value={w('trial_approved_by', { name: trial.approved_by })} />{' '}
            {trial.until && (
              <>
                {w('trial_until')} <At time={trial.until} />
              </>
            )}
          </p>
        )}
        <div class="acts">
          {trial.approved_by === '' && may('operator') && (
            <button type="button" class="primary" onClick={() => void approve('approve')}>
              {w('trial_approve')}
            </button>
          )}
          {may('admin') && (
            <button type="button" onClick={() => void approve('approve:now')}>
              {w('trial_approve_now')}
            </button>
          )}
        </div>
      </div>
    </Panel>
  );
}
