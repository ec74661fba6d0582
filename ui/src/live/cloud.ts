// Which of several clouds is looked at. It is in the address, and goes along from page to page (router.ts).
import { computed } from '@preact/signals';
import type { NodeState } from '../api/types';
import { overview } from './overview';
import { query } from './router';

/** What alerts about nodes that nobody has classified carry (alerts/alert_engine.h). */
const kNoCloud = 'Production';

export const cloudOf = (node: NodeState): string => node.cloud || kNoCloud;
/** "" = all. */
export const cloud = computed(() => query.value.get('cloud') ?? '');
export const clouds = computed(() => [...new Set((overview.value?.nodes ?? []).map(cloudOf))].sort());
/** Those of the cloud that is looked at. */
export const nodesHere = computed((): readonly NodeState[] => {
  const nodes = overview.value?.nodes ?? [];
  return cloud.value === '' ? nodes : nodes.filter((node) => cloudOf(node) === cloud.value);
});
