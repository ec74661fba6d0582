// "All quiet" is said only when it is proven: the rules have looked just now, a node was heard of just now, and the page
// itself is fresh. Otherwise it is unknown, and what is missing is said.
import type { Overview } from '../api/types';
import { now } from '../live/clock';
import { overview, staleFor } from '../live/overview';
import { t } from '../text/i18n';
import { duration } from '../text/time';
import { Mark } from './mark';
import { Empty } from './panel';

/** Rules look each second; nodes speak each ten. */
const kLate = 60_000;

export interface Proof {
  nodes: number;
  services: number;
  rules: number;
  /** ms since the newest word of a node, and since the rules last looked; Infinity = never. */
  heard: number;
  checked: number;
}

export function proofOf({ nodes, watch }: Overview, at: number): Proof {
  const services = nodes.flatMap((node) => node.services).filter((one) => one.status !== 'not_here');
  const ago = (time: string | null | undefined) => (time ? Math.max(0, at - Date.parse(time)) : Infinity);
  return {
    nodes: nodes.length,
    services: services.length,
    rules: watch.rules,
    heard: Math.min(Infinity, ...nodes.map((node) => ago(node.last_seen))),
    checked: ago(watch.checked),
  };
}

/** Why silence proves nothing; "" when it does. */
function doubt(proof: Proof): string {
  if (staleFor.value) return t('doubt_page', { age: staleFor.value });
  if (proof.nodes === 0) return t('no_nodes');
  if (proof.rules === 0) return t('doubt_rules');
  if (proof.checked > kLate)
    return proof.checked === Infinity
      ? t('doubt_never')
      : t('doubt_checked', { age: duration(proof.checked) });
  return proof.heard > kLate ? t('doubt_heard') : '';
}

export function Quiet() {
  const state = overview.value;
  if (!state) return null;
  const proof = proofOf(state, now.value);
  const why = doubt(proof);
  if (why)
    return (
      <Empty>
        <Mark kind="unknown" /> <strong>{t('quiet_unknown')}</strong> {why}
      </Empty>
    );
  const { nodes, services, rules } = proof;
  return (
    <Empty>
      <Mark kind="normal" /> <strong>{t('all_quiet')}</strong>{' '}
      {t('quiet_watched', { nodes, services, rules })}{' '}
      {t('quiet_proof', { heard: duration(proof.heard), checked: duration(proof.checked) })}
    </Empty>
  );
}
