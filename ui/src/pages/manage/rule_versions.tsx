// What the rule said before, who changed it, and the way back.
import { actOnRule, getRuleVersions, type Rule } from '../../api/manage';
import { may } from '../../api/session';
import { useResource } from '../../live/use_resource';
import { attempt } from '../../parts/attempt';
import { Loaded } from '../../parts/listing';
import { Panel } from '../../parts/panel';
import { Text } from '../../parts/text';
import { At } from '../../parts/when';
import { w } from '../../text/lazy_words';

export function RuleVersions({ rule, changed }: { rule: Rule; changed: (rule: Rule) => void }) {
  const loaded = useResource(`${rule.id} ${rule.version}`, (signal) => getRuleVersions(rule.id, signal));
  const restore = async (version: number) => {
    const next = await attempt(() => actOnRule(rule.id, `restore:${version}`), w('rule_saved'));
    if (next) changed(next);
  };
  if (rule.version === 1) return null;
  return (
    <Panel title={w('versions')} class="rule-versions">
      <Loaded of={loaded}>
        {({ items }) => (
          <ul class="pad">
            {items
              .filter((one) => one.version !== rule.version)
              .map((one) => (
                <li key={one.version}>
                  <details>
                    <summary>
                      {w('version', { n: one.version })} <At time={one.updated} />{' '}
                      <Text value={one.updated_by} />
                      {!one.enabled && <span class="tag">{w('off')}</span>}
                    </summary>
                    <pre>
                      <Text value={one.yaml} />
                    </pre>
                    {may('operator') && one.yaml !== rule.yaml && (
                      <button type="button" onClick={() => void restore(one.version)}>
                        {w('version_restore')}
                      </button>
                    )}
                  </details>
                </li>
              ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}
