// The clouds that one may look at, and the nodes of the one that is.
import { computed } from '@preact/signals';
import type { NodeState } from '../api/types';
import { cloud, overview } from './overview';

/** What alerts about nodes that nobody has classified carry (alerts/alert_engine.h). */
const kNoCloud = 'Production';

export const cloudOf = (node: NodeState): string => node.cloud || kNoCloud;
export const clouds = computed(() => [...new Set((overview.value?.nodes ?? []).map(cloudOf))].sort());
/** Those of the cloud that is looked at. */
export const nodesHere = computed((): readonly NodeState[] => {
  const nodes = overview.value?.nodes ?? [];
  return cloud.value === '' ? nodes : nodes.filter((node) => cloudOf(node) === cloud.value);
});
